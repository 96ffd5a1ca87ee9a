// The addresses and names of a peer, as `gateway` of a status has them in one line. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "status/status.hpp"

namespace causeway::doctor {

/// How the configuration writes that the peer may be anywhere.
inline constexpr std::string_view anywhere = "%any";

/// "a.example.org" and "192.0.2.1" of "a.example.org, 192.0.2.1".
std::vector<std::string> gateways_of(const status::Peer& peer);

}  // namespace causeway::doctor
