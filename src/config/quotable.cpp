#include "config/quotable.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "config/ipsecconf/keys.hpp"
#include "config/swanctl/keys.hpp"
#include "config/uci/options.hpp"
#include "config/vpncfg/keys.hpp"
#include "config/words.hpp"

namespace causeway::config {
namespace {

constexpr std::string_view blanks = " \t\r";

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

/// pre_shared_key, key, secret, and whatever else the formats call it.
bool may_hold_key(std::string_view name) {
    constexpr std::string_view none[] = {"keyexchange", "keyingtries", "honour_keyingtries",
                                         "keylife",     "keytype",     "key_id"};
    if (name.starts_with("rekey") || std::ranges::find(none, name) != std::end(none)) {
        return false;
    }
    constexpr std::string_view words[] = {"key", "secret", "psk", "pass"};
    return std::ranges::any_of(words, [&](auto word) { return name.find(word) != std::string_view::npos; });
}

bool is_known(std::string_view name) {
    // What stands beside the tables: blocks and their insides.
    constexpr std::string_view others[] = {
        "vpncfg", "connections", "ike_forward_rules", "ipnet",  "ipaddr",
        "mask",   "fqdn",        "user_fqdn",         "key_id", "children"};
    using Kind = ipsecconf::Section::Kind;
    return std::ranges::find(others, name) != std::end(others) || vpncfg::find_key(name) != nullptr ||
           std::ranges::find(uci::option_table(), name, &uci::OptionRule::name) !=
               uci::option_table().end() ||
           std::ranges::find(swanctl::key_table(), name, &swanctl::KeyRule::name) !=
               swanctl::key_table().end() ||
           ipsecconf::find_key(Kind::conn, name) != nullptr ||
           ipsecconf::find_key(Kind::setup, name) != nullptr;
}

bool is_harmless(std::string_view name) {
    return is_known(name) && !may_hold_key(name);
}

std::string_view without_comment(std::string_view line) {
    for (const std::string_view start : {" #", "\t#", "//", "/*"}) {
        line = line.substr(0, line.find(start));
    }
    return line;
}

std::string_view unquoted(std::string_view word) {
    const bool quoted =
        word.size() > 1 && word.front() == word.back() && (word.front() == '\'' || word.front() == '"');
    return quoted ? word.substr(1, word.size() - 2) : word;
}

/// The word that ends before `at`, blanks apart.
std::string_view word_before(std::string_view line, std::size_t at) {
    const auto end = line.substr(0, at).find_last_not_of(blanks) + 1;
    auto begin = end;
    while (begin > 0 && is_name_character(line[begin - 1])) {
        --begin;
    }
    return line.substr(begin, end - begin);
}

}  // namespace

bool is_quotable(std::string_view line) {
    // Behind a '#' or "//" may stand anything, an old key too.
    if (without_comment(line) != line || line.starts_with('#')) {
        return false;
    }
    const auto words = split_words(line);
    if (words.empty()) {
        return false;
    }
    // UCI, one setting a line; a section has its type and its name.
    if (words[0] == "option" || words[0] == "list" || words[0] == "o" || words[0] == "l") {
        return words.size() > 1 && is_harmless(unquoted(words[1]));
    }
    if (words[0] == "include") {
        return words.size() == 2;
    }
    if (words[0] == "config" || words[0] == "c" || words[0] == "conn" || words[0] == "package") {
        return words.size() <= 3 && line.find('=') == std::string_view::npos;
    }
    // The others: NAME = VALUE, several of them perhaps, and NAME {.
    bool any = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '=') {
            if (!is_harmless(word_before(line, at))) {
                return false;
            }
            any = true;
        }
    }
    const auto last = line.find_last_not_of(blanks);
    const bool structure = line.find_first_of("\"'") == std::string_view::npos &&
                           (line[last] == '{' || line[last] == '}') && words.size() <= 4;
    return any || structure;
}

}  // namespace causeway::config
