// Whether packets for a remote network reach its tunnel, judged by what the system's routes are now: another
// route may be narrower than ours, or ours may have gone. Pure; used by Networks, which also asks the kernel
// for what rules decide.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "dataplane/closed/surroundings.hpp"
#include "dataplane/dataplane.hpp"
#include "host/routes.hpp"

namespace causeway::dataplane {

/// A remote network and the routes that decide about it.
struct RouteQuestion {
    Ipv4Net remote{};
    std::span<const Ipv4Net> locals;         ///< the tunnels' own ends: routes to these are none in the way
    unsigned device = 0;                     ///< the tunnels'
    bool in_main = true;                     ///< the table that `routes` is
    std::span<const host::Route> routes;     ///< to the network, of the table that it stands in
    std::span<const host::Route> of_others;  ///< of the main table; only these can be in the way there
};

/// By the routes alone.
RouteState route_state(const RouteQuestion& asked);

/// Hosts of the network to ask the kernel about, far from each other, and in none of `left_out`; may be empty.
std::vector<IpAddress> hosts_to_ask_about(const Ipv4Net& remote, std::span<const Ipv4Net> left_out);

}  // namespace causeway::dataplane
