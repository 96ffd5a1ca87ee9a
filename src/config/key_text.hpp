// A pre-shared key as the program behind the file read it. OpenWrt's scripts wrote the key into strongSwan's
// own files, where it could lose characters; a file that worked with them means the same here. What is said
// of a key never shows any of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "config/report.hpp"

namespace causeway::config {

enum class KeyChain {
    ipsec_secrets,  ///< G0, G1: `: PSK "KEY"`. Text, whatever it starts with; it ends at the next "
    swanctl_conf,   ///< G2 and later: `secret = KEY` without quotes. 0x: hexadecimal digits, 0s: Base64
    swanctl_value,  ///< what config/swanctl has read behind `secret =`. 0x and 0s as above
};

/// Nothing when the key is refused, which is reported then. `title` is what remarks call the peer.
std::optional<Secret> read_key(const Sourced<std::string>& written, KeyChain chain, const std::string& title,
                               Report& report);

/// What strongSwan makes of a value that begins with 0x (hexadecimal digits) or 0s (Base64); nothing for any other, and
/// for one that cannot be decoded.
std::optional<Secret> decoded_key(std::string_view written);

}  // namespace causeway::config
