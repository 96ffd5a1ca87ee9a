#include "cli/site_words.hpp"

#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "config/words.hpp"

namespace causeway::cli {
namespace {

/// A failure of `option`, or the value.
template <class T>
Outcome<> take(std::optional<T>& target, Result<T> value, const std::string& option) {
    if (!value) {
        return failure(Exit::unusable, fmt::format("{}: {}", option, value.error().text()));
    }
    target = std::move(*value);
    return {};
}

}  // namespace

Outcome<SiteWords> site_words(const std::string& text, const std::string& option) {
    SiteWords words;
    for (const auto word : config::split_words(text, ",")) {
        const auto equals = word.find('=');
        const auto key = word.substr(0, equals);
        const auto value = equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
        Outcome<> taken;
        if (key == "name") {
            taken = take(words.name, pair::name_from(value), option);
        } else if (key == "lan") {
            taken = take(words.lan, pair::lan_from(value), option);
        } else if (key == "kind") {
            taken = take(words.kind, pair::kind_from(value), option);
        } else {
            taken = failure(Exit::unusable,
                            fmt::format("{}: '{}' is not understood, expected name=NAME,lan=NETWORK", option,
                                        config::printable(word)));
        }
        if (!taken) {
            return tl::unexpected(taken.error());
        }
    }
    return words;
}

Outcome<pair::Site> whole_site(const SiteWords& words, const std::string& option) {
    if (!words.name || !words.lan) {
        return failure(Exit::unusable, fmt::format("{} needs name=NAME,lan=NETWORK", option));
    }
    pair::Site site;
    site.name = *words.name;
    site.lan = *words.lan;
    site.kind = words.kind.value_or(pair::Kind::causeway);
    return site;
}

}  // namespace causeway::cli
