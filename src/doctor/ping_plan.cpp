#include "doctor/ping_plan.hpp"

#include <algorithm>
#include <optional>

namespace causeway::doctor {
namespace {

bool contains(const std::string& network, const IpAddress& address) {
    const auto net = Ipv4Net::parse(network);
    return net && address.is_v4() && net->contains(address.v4_number());
}

std::optional<IpAddress> own_address_in(const Examination& seen, const std::string& network) {
    const auto own = std::ranges::find_if(
        seen.addresses, [&](const OwnAddress& one) { return contains(network, one.address); });
    return own != seen.addresses.end() ? std::optional(own->address) : std::nullopt;
}

}  // namespace

PingPlan plan_ping(const Examination& seen, const IpAddress& host) {
    PingPlan plan;
    int best = -1;
    for (const status::Peer& peer : seen.status.engine.peers) {
        for (const status::Tunnel& tunnel : peer.tunnels) {
            if (std::ranges::find(plan.networks, tunnel.remote) == plan.networks.end()) {
                plan.networks.push_back(tunnel.remote);
            }
            const auto source = own_address_in(seen, tunnel.local);
            const int worth = (tunnel.up() ? 2 : 0) + (source ? 1 : 0);
            if (contains(tunnel.remote, host) && worth > best) {
                best = worth;
                plan.local = tunnel.local;
                plan.source = source;
            }
        }
    }
    return plan;
}

}  // namespace causeway::doctor
