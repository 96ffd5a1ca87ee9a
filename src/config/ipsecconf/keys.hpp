// The settings of an ipsec.conf, declared once: what causeway does with each. The findings about unknown and
// unsupported ones are made from it. strongSwan's are those of 5.9.8, src/starter/keywords.txt and ipsec.conf(5);
// libreswan's those of its ipsec.conf(5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/ipsecconf/document.hpp"

namespace causeway::config::ipsecconf {

enum class Use {
    used,
    kept,         ///< of no effect on what is negotiated; nothing is said
    unsupported,  ///< a warning, unless it has its quiet value
};

enum class Home {
    conn,
    end,  ///< of a conn, with `left` or `right` in front
    setup,
    ca,
};

struct KeyRule {
    std::string_view name;  ///< of an end: without left or right
    Home home;
    Use use;
    std::string_view consequence = {};  ///< of an unsupported one
    std::string_view quiet_value = {};
    std::string_view same_as = {};  ///< the name that it is another one of
    bool libreswan = false;         ///< strongSwan does not know it
};

/// Nothing: the section's kind has no such key.
const KeyRule* find_key(Section::Kind kind, std::string_view key);
/// The key under its first name: "keylife" is "lifetime", "rightsubnetwithin" is "rightsubnet".
std::string first_name(std::string_view key, const KeyRule& rule);
/// What to write instead; may be empty.
std::string suggestion(Section::Kind kind, std::string_view key);
/// Where a key that strongSwan knows in other sections than `kind` belongs; empty: nowhere.
std::string_view other_home(Section::Kind kind, std::string_view key);

}  // namespace causeway::config::ipsecconf
