// A pre-shared key as the program behind the file read it. OpenWrt's scripts wrote the key into strongSwan's
// own files, where it could lose characters; a file that worked with them means the same here. What is said
// of a key never shows any of it.
#pragma once

#include <optional>
#include <string>

#include "base/secret.hpp"
#include "config/report.hpp"

namespace causeway::config {

enum class KeyChain {
    ipsec_secrets,  ///< G0, G1: `: PSK "KEY"`. Text, whatever it starts with; it ends at the next "
    swanctl_conf,   ///< G2 and later: `secret = KEY` without quotes. 0x: hexadecimal digits, 0s: Base64
};

/// Nothing when the key is refused, which is reported then. `title` is what remarks call the peer.
std::optional<Secret> read_key(const Sourced<std::string>& written, KeyChain chain, const std::string& title,
                               Report& report);

}  // namespace causeway::config
