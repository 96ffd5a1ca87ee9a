#include "check/assumed_box.hpp"

#include <utility>

#include "config/vpncfg/strategies.hpp"

namespace causeway::check {
namespace {

config::Tunnel mirrored(const config::Tunnel& ours) {
    config::Tunnel box;
    box.name = ours.name;
    box.local = ours.remote;
    box.remote = ours.local;
    // A tunnel without PFS is what a box does with "no-pfs" in its strategy: either way, as we want it.
    const bool pfs = ours.proposals.empty() || ours.proposals.front().pfs.has_value();
    box.proposals =
        config::vpncfg::proposals(config::vpncfg::widest_phase2(pfs ? "/pfs" : "/no-pfs"), true, Place{});
    box.lifetime = ours.lifetime;
    return box;
}

}  // namespace

config::Model assumed_box(const config::Model& ours) {
    config::Model model;
    model.schema = config::Schema::vpncfg;
    for (const auto& peer : ours.peers) {
        config::Peer box;
        box.name = peer.name;
        box.addresses.push_back({config::HostName{"name.of.ours.example"}, Place{}});
        box.mode = peer.mode;
        box.local_id = peer.remote_id;
        box.remote_id = peer.local_id;
        box.remote_id_any = !peer.local_id;
        box.pre_shared_key = peer.pre_shared_key.clone();
        box.proposals = config::vpncfg::proposals(config::vpncfg::widest_phase1(), true, Place{});
        box.lifetime = peer.lifetime;
        for (const auto& tunnel : peer.tunnels) {
            box.tunnels.push_back(mirrored(tunnel));
        }
        model.peers.push_back(std::move(box));
    }
    return model;
}

}  // namespace causeway::check
