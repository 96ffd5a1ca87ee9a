#include "cli/strongswan_suite.hpp"

#include <algorithm>
#include <optional>

#include "crypto/algorithm.hpp"

namespace causeway::cli {
namespace {

using LongName = std::optional<std::string_view> (*)(std::string_view word);

/// Of the row that has exactly this name: other spellings are not what a status carries.
template <class Table>
std::optional<std::string_view> long_name(const Table& table, std::string_view word) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == word; });
    return found == table.end() ? std::nullopt : std::optional(found->long_name);
}

std::optional<std::string_view> cipher(std::string_view word) {
    return long_name(crypto::all_ciphers(), word);
}

std::optional<std::string_view> hash_or_group(std::string_view word) {
    const auto hash = long_name(crypto::all_hashes(), word);
    return hash ? hash : long_name(crypto::all_groups(), word);
}

std::optional<std::string_view> integrity_or_group(std::string_view word) {
    const auto integrity = long_name(crypto::all_integrities(), word);
    return integrity ? integrity : long_name(crypto::all_groups(), word);
}

std::string translated(std::string_view plain, LongName of_later_words) {
    std::string text;
    LongName name_of = cipher;
    for (std::string_view rest = plain;;) {
        const auto end = std::min(rest.find('-'), rest.size());
        const auto name = name_of(rest.substr(0, end));
        if (!name) {
            return std::string(plain);
        }
        text += text.empty() ? "" : "/";
        text += *name;
        if (end == rest.size()) {
            return text;
        }
        rest.remove_prefix(end + 1);
        name_of = of_later_words;
    }
}

}  // namespace

std::string strongswan_ike_suite(std::string_view plain) {
    return translated(plain, hash_or_group);
}

std::string strongswan_esp_suite(std::string_view plain) {
    return translated(plain, integrity_or_group);
}

}  // namespace causeway::cli
