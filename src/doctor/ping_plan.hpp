// From where a host at the other end can be pinged so that the ping goes through a tunnel. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "doctor/examination.hpp"

namespace causeway::doctor {

struct PingPlan {
    std::vector<std::string>
        networks;       ///< the remote networks that there are, where the host is in none of them
    std::string local;  ///< of the tunnel that it would go through; empty: none
    std::optional<IpAddress> source;  ///< ours, in that network; nothing: this machine has none there
};

/// Of tunnels that could carry it one that is up comes first, and one that this machine has an address for.
PingPlan plan_ping(const Examination& seen, const IpAddress& host);

}  // namespace causeway::doctor
