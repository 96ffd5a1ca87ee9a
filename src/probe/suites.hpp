// The Phase 1 suites that a probe asks for: what FRITZ!Box, strongSwan, libreswan and OpenWrt's schemas use or
// propose. Data.
#pragma once

#include <vector>

#include "config/model.hpp"

namespace causeway::probe {

/// Strong ones first; few enough for one datagram that no link has to fragment (IPv6's least MTU, 1280).
std::vector<config::Phase1Proposal> common_suites();

}  // namespace causeway::probe
