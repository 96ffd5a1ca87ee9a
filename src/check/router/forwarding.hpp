// What becomes of a tunnel's packets in the firewall's forward chain, and whether it runs the files it includes.
#pragma once

#include "check/router/context.hpp"
#include "check/router/firewall.hpp"
#include "check/router/network.hpp"

namespace causeway::check {

/// Between the LAN and the remote networks, in both directions. `network` may be null.
void check_forwarding(const Firewall& firewall, const Network* network, Context& context);

/// Scripts that firewall4 does not run. `needed`: something is missing that they may have been meant for.
void check_includes(const Firewall& firewall, bool needed, Context& context);

/// Flow offloading and MSS clamping.
void check_flows(const Firewall& firewall, Context& context);

}  // namespace causeway::check
