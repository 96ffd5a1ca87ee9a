#include "config/swanctl/format.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "config/places_json.hpp"
#include "config/swanctl/lexer.hpp"
#include "config/swanctl/map.hpp"
#include "config/swanctl/parse.hpp"
#include "config/swanctl/write.hpp"

namespace causeway::config::swanctl {
namespace {

nlohmann::ordered_json json_of(const std::vector<Entry>& entries) {
    auto all = nlohmann::ordered_json::array();
    for (const auto& entry : entries) {
        auto object =
            with_place({{entry.kind == Entry::Kind::include ? "include" : "name", entry.name}}, entry.at);
        if (entry.kind == Entry::Kind::setting && entry.value.set) {
            object["value"] =
                with_place({{"value", entry.value.text}, {"quoted", entry.value.quoted}}, entry.value.at);
        }
        for (const auto& reference : entry.references) {
            object["references"].push_back(with_place({{"name", reference.name}}, reference.at));
        }
        if (entry.kind == Entry::Kind::section) {
            object["entries"] = json_of(entry.entries);
        }
        all.push_back(std::move(object));
    }
    return all;
}

/// Words that only a swanctl.conf has outside its sections: somebody cut them out.
constexpr std::array<std::string_view, 8> own_words{"remote_addrs", "local_addrs",   "local_ts",
                                                    "remote_ts",    "esp_proposals", "start_action",
                                                    "dpd_delay",    "close_action"};

/// The line that a setting is on ends with a ';', as in a vpncfg.
bool ends_with_semicolon(std::string_view text, Position from) {
    for (std::uint32_t line = 1; line < from.line; ++line) {
        text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
    }
    text = text.substr(0, text.find('\n'));
    const auto last = text.find_last_not_of(" \t\r");
    return last != std::string_view::npos && text[last] == ';';
}

/// Behind `connections {`: a vpncfg without its first line has a setting there that ends with ';'.
bool opens_vpncfg(std::string_view text, Lexer lexer) {
    const auto name = lexer.next();
    const auto sign = lexer.next();
    return name.kind == Token::Kind::name && sign.kind == Token::Kind::equals &&
           ends_with_semicolon(text, name.at);
}

/// Other programs have sections too.
bool has_our_words(std::string_view text) {
    constexpr std::array<std::string_view, 3> sections{"connections", "secrets", "children"};
    const auto is_there = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
    return std::ranges::any_of(sections, is_there) || std::ranges::any_of(own_words, is_there);
}

}  // namespace

/// The first statement decides. UCI has no braces and no `include`, ipsec.conf and ipsec.secrets have no section.
bool recognise(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    Lexer lexer(text);
    auto token = lexer.next();
    bool includes = false;
    while (token.kind == Token::Kind::include) {
        includes = true;
        if (!lexer.pattern()) {
            return true;
        }
        token = lexer.next();
    }
    if (token.kind == Token::Kind::end) {
        return includes;
    }
    const auto sign = lexer.next();
    if (token.kind != Token::Kind::name || token.text == "vpncfg") {
        return false;
    }
    switch (sign.kind) {
        case Token::Kind::open:
            return has_our_words(text) && !opens_vpncfg(text, lexer);
        case Token::Kind::colon:
            return !lexer.references().empty() && lexer.next().kind == Token::Kind::open;
        case Token::Kind::equals:
            return std::ranges::find(own_words, token.text) != own_words.end() &&
                   !ends_with_semicolon(text, token.at);
        default:
            return false;
    }
}

Result<Model> load(const Source& source) {
    return nothing_usable(map(source));
}

Result<std::string> show(const Source& source) {
    return write(CAUSEWAY_TRY(in_file(parse(source.text), source.file)));
}

Result<> show_json(const Source& source, nlohmann::ordered_json& json) {
    json["entries"] = json_of(CAUSEWAY_TRY(in_file(parse(source.text), source.file)));
    return {};
}

}  // namespace causeway::config::swanctl
