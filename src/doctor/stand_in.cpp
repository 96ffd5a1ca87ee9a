#include "doctor/stand_in.hpp"

#include <string>
#include <utility>

#include "config/own_name.hpp"

namespace causeway::doctor {
namespace {

status::Tunnel tunnel_of(const config::Tunnel& configured) {
    status::Tunnel tunnel;
    tunnel.name = configured.name;
    tunnel.display_name = configured.display_name;
    tunnel.local = configured.local.text();
    tunnel.remote = configured.remote.text();
    for (const auto& proposal : configured.proposals) {
        tunnel.proposals.push_back(proposal.text());
    }
    tunnel.lifetime_seconds = configured.lifetime.seconds;
    tunnel.start = configured.start;
    return tunnel;
}

status::Peer peer_of(const config::Peer& configured) {
    status::Peer peer;
    peer.name = configured.name;
    peer.display_name = configured.display_name;
    for (const auto& address : configured.addresses) {
        peer.gateway += (peer.gateway.empty() ? "" : ", ") + config::text(address.value);
    }
    peer.own_name = config::own_name_of(configured).value_or("");
    peer.mode = config::name_of(configured.mode);
    peer.local_id = configured.local_id ? configured.local_id->value.text() : "";
    peer.remote_id = configured.remote_id       ? configured.remote_id->value.text()
                     : configured.remote_id_any ? "%any"
                                                : "";
    for (const auto& proposal : configured.proposals) {
        peer.proposals.push_back(proposal.text());
    }
    peer.lifetime_seconds = configured.lifetime.seconds;
    peer.dpd = configured.liveness.enabled;
    for (const auto& tunnel : configured.tunnels) {
        peer.tunnels.push_back(tunnel_of(tunnel));
    }
    return peer;
}

}  // namespace

control::Status stand_in(const config::Model& model) {
    control::Status status;
    status.daemon.config_file = model.file;
    for (const auto& peer : model.peers) {
        status.engine.peers.push_back(peer_of(peer));
    }
    return status;
}

}  // namespace causeway::doctor
