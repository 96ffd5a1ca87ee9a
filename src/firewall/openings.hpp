// What a firewall that drops by default has to let through for the tunnels, whatever program keeps it: values
// from which the renderers (fw4.hpp, iptables.hpp) make their text. That nothing passes in clear is the
// guard's matter (guard.hpp) wherever there is nftables. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/address.hpp"
#include "firewall/tunnels.hpp"

namespace causeway::firewall {

struct Openings {
    std::string device = "causeway0";  ///< the tunnel's
    std::vector<GuardedPair> pairs{};
    /// Between these nothing passes but through the device: for a firewall that has no guard beside it. Pairs
    /// whose remote network holds something of ours are none of them; unreachable routes close those.
    std::vector<GuardedPair> closed{};
    /// Where IKE and ESP come from; empty: from everywhere, because an address may change.
    std::vector<IpAddress> peers{};
    /// Largest segment that TCP is told to send through the tunnel, octets; 0: the plane sees to it.
    unsigned mss = 0;
    friend bool operator==(const Openings&, const Openings&) = default;
};

}  // namespace causeway::firewall
