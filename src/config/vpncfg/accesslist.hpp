// One string of an accesslist: "permit ip any 192.168.1.0 255.255.255.0". Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/address.hpp"

namespace causeway::config::vpncfg {

struct AccessRule {
    std::optional<Ipv4Net> source;  ///< nothing: "any"
    Ipv4Net destination;
};

/// The forms found in published files: permit ip, source any or a network or 0.0.0.0 0.0.0.0, destination a
/// network. The mask is a network mask, not a wildcard.
std::optional<AccessRule> parse_access_rule(std::string_view text);

}  // namespace causeway::config::vpncfg
