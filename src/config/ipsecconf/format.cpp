#include "config/ipsecconf/format.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "config/ipsecconf/map.hpp"
#include "config/ipsecconf/parse.hpp"
#include "config/ipsecconf/write.hpp"
#include "config/places_json.hpp"
#include "config/words.hpp"

namespace causeway::config::ipsecconf {
namespace {

std::string_view kind_text(Section::Kind kind) {
    switch (kind) {
        case Section::Kind::setup:
            return "config setup";
        case Section::Kind::conn:
            return "conn";
        case Section::Kind::ca:
            return "ca";
        case Section::Kind::include:
            return "include";
    }
    return "";
}

}  // namespace

/// A line that begins with `conn NAME` or is `config setup`; a line that begins with another `config`, or `package`,
/// is UCI's.
bool recognise(std::string_view text) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.starts_with("conn") && !line.starts_with("config") && !line.starts_with("package")) {
            continue;
        }
        const auto words = split_words(line.substr(0, line.find('#')));
        if (words.empty() || words.front() == "package") {
            return false;
        }
        if (words.front() == "config") {
            return words.size() == 2 && words[1] == "setup";
        }
        if (words.front() == "conn" && words.size() == 2 &&
            line.find_first_of("={") == std::string_view::npos) {
            return true;
        }
    }
    return false;
}

Result<Model> load(const Source& source) {
    const auto document = CAUSEWAY_TRY(parse(source));
    return nothing_usable(map(document, source));
}

Result<std::string> show(const Source& source) {
    return write(CAUSEWAY_TRY(parse(source)));
}

Result<> show_json(const Source& source, nlohmann::ordered_json& json) {
    const auto document = CAUSEWAY_TRY(parse(source));
    auto sections = nlohmann::ordered_json::array();
    for (const auto& section : document.sections) {
        auto object = with_place({{"type", kind_text(section.kind)}}, section.at);
        if (section.kind != Section::Kind::setup) {
            object["name"] = section.name;
        }
        for (const auto& setting : section.settings) {
            object["settings"].push_back(
                with_place({{"name", setting.key}, {"value", setting.value}}, setting.at));
        }
        sections.push_back(std::move(object));
    }
    json["sections"] = std::move(sections);
    return {};
}

}  // namespace causeway::config::ipsecconf
