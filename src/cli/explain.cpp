#include "cli/explain.hpp"

#include <fmt/format.h>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "cli/failure.hpp"
#include "cli/wrap.hpp"
#include "config/words.hpp"

namespace causeway::cli {
namespace {

std::string_view first_sentence(std::string_view text) {
    return text.substr(0, text.find(". "));
}

void list_all(bool json) {
    auto all = nlohmann::ordered_json::array();
    for (const Code code : all_codes()) {
        if (json) {
            all.push_back({{"code", text(code)}, {"explanation", explanation(code)}});
        } else {
            const auto line = fmt::format("{:<28}  {}", text(code), first_sentence(explanation(code)));
            fmt::print("{}\n", wrapped(line, columns_max));
        }
    }
    if (json) {
        fmt::print("{}\n", all.dump(2));
    }
}

Exit unknown(const std::string& word) {
    std::vector<std::string> names;
    for (const Code code : all_codes()) {
        names.push_back(text(code));
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto near = config::nearest(word, known);
    return complain({Exit::unusable, fmt::format("no finding has the code '{}'{}", printable(word),
                                                 near ? fmt::format(" (did you mean '{}'?)", *near)
                                                      : "; 'causeway explain' lists the codes")});
}

}  // namespace

Exit explain(const std::string& word, bool json) {
    if (word.empty()) {
        list_all(json);
        return Exit::done;
    }
    const auto code = code_named(word);
    if (!code) {
        return unknown(word);
    }
    if (json) {
        fmt::print("{}\n",
                   nlohmann::ordered_json{{"code", word}, {"explanation", explanation(*code)}}.dump(2));
    } else {
        fmt::print("{}\n\n{}\n", word, filled(explanation(*code), columns_max));
    }
    return Exit::done;
}

}  // namespace causeway::cli
