#include "check/router/context.hpp"

#include <algorithm>
#include <variant>

namespace causeway::check {

bool dials(const config::Peer& peer) {
    return std::ranges::any_of(
               peer.addresses,
               [](const auto& one) { return !std::holds_alternative<config::AnyAddress>(one.value); }) &&
           std::ranges::any_of(peer.tunnels, [](const config::Tunnel& tunnel) {
               return tunnel.start != config::StartAction::none;
           });
}

Context::Context(const config::Model& our_side, const config::Model* their_side, Plane our_plane,
                 std::vector<Finding>& into)
    : ours(our_side), theirs(their_side), plane(our_plane), findings(into) {
    for (const auto& peer : ours.peers) {
        for (const auto& tunnel : peer.tunnels) {
            const auto& remote = tunnel.remote.net;
            if (std::ranges::find(carried, remote, &Carried::remote) == carried.end()) {
                carried.push_back({tunnel.local.net, remote, tunnel.local_place, tunnel.remote_place});
            }
        }
    }
}

bool Context::daemon_opens() const {
    // An accept in a table of our own (nftables) stops no drop in fw4's.
    const auto whose = ours.options.firewall;
    return plane == Plane::userspace && whose != config::Firewall::off && whose != config::Firewall::nftables;
}

bool Context::carries(const Ipv4Net& net) const {
    return std::ranges::any_of(carried, [&](const Carried& one) { return one.remote.overlaps(net); });
}

bool Context::only_they_dial() const {
    return std::ranges::any_of(ours.peers, [](const config::Peer& peer) { return !dials(peer); });
}

bool Context::no_nat_traversal() const {
    const auto has_none = [](const config::Model& model) {
        return std::ranges::none_of(model.peers, &config::Peer::nat_traversal);
    };
    return has_none(ours) || (theirs != nullptr && has_none(*theirs));
}

}  // namespace causeway::check
