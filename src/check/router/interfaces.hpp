// What the router's interfaces decide about identities, NAT traversal and networks.
#pragma once

#include <vector>

#include "check/router/context.hpp"
#include "check/router/firewall.hpp"
#include "check/router/network.hpp"

namespace causeway::check {

/// `firewall` may be null: it says which interfaces are the WAN's.
void check_interfaces(const Network& network, const Firewall* firewall, Context& context);

/// The WAN's interfaces with IPv4; empty: none is known.
std::vector<const Interface*> wan_interfaces(const Network& network, const Firewall* firewall);

}  // namespace causeway::check
