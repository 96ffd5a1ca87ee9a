#include "doctor/mask_status.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "doctor/gateways.hpp"
#include "status/status.hpp"

namespace causeway::doctor {
namespace {

using Kind = Mask::Kind;

/// Where and who the ends are, and what was agreed on with them.
void learn_peer(Mask& mask, const status::Peer& peer) {
    for (const status::Tunnel& tunnel : peer.tunnels) {
        mask.learn(tunnel.name, Kind::tunnel);
        mask.learn(tunnel.display_name, Kind::tunnel);
    }
    mask.learn(peer.name, Kind::connection);
    mask.learn(peer.display_name, Kind::connection);
    for (const std::string& gateway : gateways_of(peer)) {
        mask.learn(gateway, Kind::host);
    }
    mask.learn(peer.own_name, Kind::host);
    mask.learn(peer.local_id, Kind::identity);
    mask.learn(peer.remote_id, Kind::identity);
    for (const status::IsakmpSa& sa : peer.ike_sas) {
        mask.learn(sa.local_id, Kind::identity);
        mask.learn(sa.remote_id, Kind::identity);
    }
}

void learn_findings(Mask& mask, const status::Peer& peer) {
    if (peer.last_error) {
        learn(mask, *peer.last_error);
    }
    for (const auto& standing : peer.findings) {
        learn(mask, standing.what);
    }
    for (const auto& tunnel : peer.tunnels) {
        if (tunnel.why_down) {
            learn(mask, *tunnel.why_down);
        }
        for (const auto& standing : tunnel.findings) {
            learn(mask, standing.what);
        }
    }
}

}  // namespace

void learn(Mask& mask, const status::Told& told) {
    constexpr std::array<std::pair<std::string_view, Kind>, 9> naming{{{"name", Kind::host},
                                                                       {"own", Kind::host},
                                                                       {"received", Kind::identity},
                                                                       {"expected", Kind::identity},
                                                                       {"identity", Kind::identity},
                                                                       {"connection", Kind::connection},
                                                                       {"peer", Kind::connection},
                                                                       {"tunnel", Kind::tunnel},
                                                                       {"other", Kind::connection}}};
    for (const auto& [field, kind] : naming) {
        if (const auto value = told.fields.find(std::string(field)); value != told.fields.end()) {
            mask.learn(value->second, kind);
        }
    }
    for (const status::Location& location : told.locations) {
        mask.learn(location.file, Kind::file);
    }
}

void learn(Mask& mask, const control::Status& status) {
    for (const auto& peer : status.engine.peers) {
        learn_peer(mask, peer);
    }
    for (const auto& told : status.findings) {
        learn(mask, told);
    }
    for (const auto& stranger : status.engine.strangers) {
        learn(mask, stranger.why.what);
    }
    for (const auto& peer : status.engine.peers) {
        learn_findings(mask, peer);
    }
    mask.learn(status.daemon.config_file, Kind::file);
}

}  // namespace causeway::doctor
