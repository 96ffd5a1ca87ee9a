// The name by which a peer knows us: watched, because a peer that looks us up cannot recognise us while it
// points elsewhere. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/model.hpp"

namespace causeway::config {

/// What could stand in the Internet's DNS: two labels at least, and none of the suffixes that never leave a
/// house (RFC 6762, RFC 8375, RFC 6761).
bool looks_like_public_name(std::string_view text);

/// What the peer's `own_name` says; without it our FQDN identity, where it looks like a public name.
std::optional<std::string> own_name_of(const Peer& peer);

}  // namespace causeway::config
