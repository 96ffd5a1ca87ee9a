// What swanctl.conf and ipsec.conf have in common: which parts of a peer strongSwan has no word for, and its keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/model.hpp"
#include "pair/losses.hpp"

namespace causeway::pair {

/// In Aggressive Mode charon uses a pre-shared key only when this is set (strongswan.conf(5)).
inline constexpr std::string_view aggressive_remark =
    "strongSwan does Aggressive Mode with a key only if strongswan.conf has\n"
    "charon.i_dont_care_about_security_and_use_aggressive_mode_psk = yes";

/// The key in quotes, or as hexadecimal digits where it has a character of `no_part`, or one that is not
/// printable ASCII, or would be read as digits.
std::string key_in_quotes(const Secret& key, std::string_view no_part);

/// What is said of every peer, whichever of the two files is written.
void tell_of_strongswan(const config::Peer& peer, Losses& losses);

/// strongSwan counts from its first question (task_manager_v1.c, queue_dpd()): as long as all answers that may be missing.
Duration silence_until_gone(const config::Liveness& liveness);

/// A value as it stands, or in quotes with escapes where a character has a meaning.
std::string value_text(std::string_view value);

}  // namespace causeway::pair
