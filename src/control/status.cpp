#include "control/status.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace causeway::control {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

std::optional<std::int64_t> ago(const std::optional<Instant>& when, Instant now) {
    // The future is a rounding error of whoever stamped it, not a negative age.
    return when ? std::optional(std::max<std::int64_t>(0, floor<seconds>(now - *when).count()))
                : std::nullopt;
}

std::optional<std::int64_t> until(const std::optional<Instant>& when, Instant now) {
    return when ? std::optional<std::int64_t>(floor<seconds>(*when - now).count()) : std::nullopt;
}

std::string_view word(config::StartAction action) {
    switch (action) {
        case config::StartAction::none:
            return "none";
        case config::StartAction::traffic:
            return "traffic";
        case config::StartAction::start:
            return "start";
    }
    return "";
}

IkeSa convert(const ike::IkeSaStatus& from, Instant now) {
    return {.number = from.number,
            .state = from.state,
            .exchange_state = from.exchange_state,
            .initiator = from.initiator,
            .local = from.local,
            .remote = from.remote,
            .local_id = from.local_id,
            .remote_id = from.remote_id,
            .cky_i = from.cky_i,
            .cky_r = from.cky_r,
            .suite = from.suite,
            .mode = from.mode,
            .nat_local = from.nat_local,
            .nat_remote = from.nat_remote,
            .dpd = from.dpd,
            .vendors = from.vendors,
            .established_seconds_ago = ago(from.established, now),
            .rekey_in_seconds = until(from.rekey_at, now),
            .expires_in_seconds = until(from.expires_at, now)};
}

ChildSa convert(const ike::ChildSaStatus& from, Instant now) {
    return {.number = from.number,
            .state = from.state,
            .reqid = from.reqid,
            .spi_in = from.spi_in,
            .spi_out = from.spi_out,
            .udp = from.udp,
            .suite = from.suite,
            .established_seconds_ago = ago(from.established, now),
            .rekey_in_seconds = until(from.rekey_at, now),
            .expires_in_seconds = until(from.expires_at, now),
            .bytes_in = from.usage.bytes_in,
            .bytes_out = from.usage.bytes_out,
            .packets_in = from.usage.packets_in,
            .packets_out = from.usage.packets_out,
            .dropped_replay = from.usage.dropped_replay,
            .dropped_integrity = from.usage.dropped_integrity,
            .dropped_policy = from.usage.dropped_policy,
            .last_in_seconds_ago = ago(from.usage.last_in, now),
            .last_out_seconds_ago = ago(from.usage.last_out, now)};
}

Tunnel convert(const ike::TunnelStatus& from, const config::Peer* peer, Instant now) {
    Tunnel to{.name = from.name,
              .display_name = from.display_name,
              .local = from.local,
              .remote = from.remote,
              .wanted = from.wanted,
              .sas = {},
              .down_seconds = ago(from.down_since, now),
              .why_down = from.why_down,
              .next = from.next,
              .proposals = {},
              .lifetime_seconds = 0,
              .start = {},
              .not_carried = {}};
    for (const auto& sa : from.sas) {
        to.sas.push_back(convert(sa, now));
    }
    if (peer == nullptr) {
        return to;
    }
    const auto configured =
        std::find_if(peer->tunnels.begin(), peer->tunnels.end(),
                     [&](const config::Tunnel& tunnel) { return tunnel.display_name == from.display_name; });
    if (configured != peer->tunnels.end()) {
        for (const auto& proposal : configured->proposals) {
            to.proposals.push_back(proposal.text());
        }
        to.lifetime_seconds = configured->lifetime.seconds;
        to.start = word(configured->start);
    }
    return to;
}

void add_configured(Peer& to, const config::Peer& peer) {
    to.mode = config::name_of(peer.mode);
    to.local_id = peer.local_id ? peer.local_id->value.text() : "";
    to.remote_id = peer.remote_id ? peer.remote_id->value.text() : peer.remote_id_any ? "%any" : "";
    for (const auto& proposal : peer.proposals) {
        to.proposals.push_back(proposal.text());
    }
    to.lifetime_seconds = peer.lifetime.seconds;
    to.dpd = peer.liveness.enabled;
    to.dpd_idle_seconds = static_cast<std::uint32_t>(floor<seconds>(peer.liveness.idle).count());
    to.place = peer.place.known() ? peer.place.text() : "";
}

}  // namespace

bool Tunnel::up() const {
    return std::any_of(sas.begin(), sas.end(), [](const ChildSa& sa) { return sa.up(); });
}

Status make_status(DaemonFacts facts, const ike::EngineStatus& engine, const config::Model& model,
                   Instant now) {
    Status status{.daemon = std::move(facts),
                  .peers = {},
                  .remarks = {},
                  .messages_in = engine.messages_in,
                  .messages_out = engine.messages_out,
                  .messages_ignored = engine.messages_ignored,
                  .half_open = engine.half_open};
    for (const config::Remark& remark : model.remarks) {
        if (remark.severity != config::Severity::note) {
            status.remarks.push_back(remark.text());
        }
    }
    for (const ike::PeerStatus& from : engine.peers) {
        const auto found = std::find_if(model.peers.begin(), model.peers.end(),
                                        [&](const config::Peer& peer) { return peer.name == from.name; });
        const config::Peer* configured = found == model.peers.end() ? nullptr : &*found;
        Peer& to = status.peers.emplace_back();
        to.name = from.name;
        to.display_name = from.display_name;
        to.gateway = from.gateway;
        to.own_name = from.own_name;
        to.own_name_state = from.own_name_state;
        to.own_name_note = from.own_name_note;
        to.last_error = from.last_error;
        to.last_error_seconds_ago = ago(from.last_error_at, now);
        to.negotiations = from.negotiations;
        to.established = from.established;
        to.unproved_aggressive = from.unproved_aggressive;
        for (const auto& sa : from.ike_sas) {
            to.ike_sas.push_back(convert(sa, now));
        }
        for (const auto& tunnel : from.tunnels) {
            to.tunnels.push_back(convert(tunnel, configured, now));
        }
        if (configured != nullptr) {
            add_configured(to, *configured);
        }
    }
    return status;
}

}  // namespace causeway::control
