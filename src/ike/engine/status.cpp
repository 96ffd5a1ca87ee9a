// What the engine says about itself when `status` asks, and each minute in short.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "config/own_name.hpp"
#include "ike/engine/impl.hpp"
#include "ike/engine/retrying.hpp"
#include "ike/limits.hpp"
#include "status/pulse.hpp"
#include "status/told.hpp"

namespace causeway::ike {

namespace {

std::optional<status::Told> told(const Occasional<Finding>& finding) {
    return finding ? std::optional(status::told(*finding)) : std::nullopt;
}

std::vector<status::Standing> standing(const Remarks& remarks, Instant now) {
    std::vector<status::Standing> told;
    for (const auto& remark : remarks.standing(now)) {
        told.push_back({status::told(remark.what), remark.since, remark.times});
    }
    return told;
}

status::IsakmpSa isakmp_sa_status(const IkeSa& sa) {
    status::IsakmpSa status;
    status.number = sa.number;
    status.state = !sa.established()       ? status::IsakmpSaState::connecting
                   : sa.life.is_replaced() ? status::IsakmpSaState::rekeyed
                                           : status::IsakmpSaState::established;
    status.initiator = sa.initiator();
    status.local = sa.local();
    status.remote = sa.remote();
    if (sa.established()) {
        status.established = sa.life.established();
        status.rekey_at = sa.life.renewal();
        status.expires_at = sa.life.expires();
    } else if (sa.peer != nullptr) {
        const auto& config = *sa.peer->config;
        status.local_id = config.local_id ? config.local_id->value.text() : sa.local().address.text();
        status.remote_id = config.remote_id ? config.remote_id->value.text() : "%any";
    }
    sa.session->describe(status);
    return status;
}

}  // namespace

/// What the peer has said in clear is no proof, and the attempt goes on; but it is more than nothing.
Finding Engine::Impl::why_down(const Peer& peer, const Tunnel& tunnel) const {
    if (tunnel.outage.why()) {
        return *tunnel.outage.why();
    }
    if (!tunnel.wish.wanted()) {
        const auto* refused = peer.remarks.newest_error(now_);
        return refused != nullptr ? *refused : finding<FindingId::not_asked_for>(tunnel.config->place);
    }
    const auto told = std::ranges::find_if(
        peer.sas, [&](const IkeSa* sa) { return !sa->over() && !sa->established() && sa->session->hint(); });
    return told != peer.sas.end() ? *(*told)->session->hint()
                                  : finding<FindingId::not_negotiated>(tunnel.config->place);
}

status::ChildSa Engine::Impl::status_of(const ChildSa& child) const {
    status::ChildSa status;
    status.number = child.number;
    status.state = child.replaced   ? status::ChildSaState::rekeyed
                   : child.outbound ? status::ChildSaState::installed
                                    : status::ChildSaState::negotiating;
    status.id = child.pair->id;
    status.reqid = child.pair->reqid;
    status.spi_in = child.pair->inbound.spi;
    status.spi_out = child.pair->outbound.spi;
    status.udp = child.pair->encapsulation == sa::Encapsulation::udp;
    status.suite = child.suite();
    status.established = child.established;
    status.rekey_at = child.rekey_at;
    status.expires_at = child.expires;
    status.usage = usage_.usage(child.pair->id).value_or(sa::Usage{});
    return status;
}

status::Tunnel Engine::Impl::status_of(const Peer& peer, const Tunnel& tunnel, Instant now) const {
    status::Tunnel status;
    status.name = tunnel.config->name;
    status.display_name = tunnel.config->display_name;
    status.local = tunnel.config->local.text();
    status.remote = tunnel.config->remote.text();
    status.wanted = tunnel.wish.wanted();
    status.doubted = peer.beside.suspected();
    status.came_up = tunnel.tally.came_up;
    status.renewals = tunnel.tally.renewals;
    status.totals = tunnel.tally.of_ended;
    for (const auto& child : tunnel.sas.all()) {
        status.sas.push_back(status_of(child));
        status::add(status.totals, status.sas.back().usage);
    }
    if (tunnel.carrier() == nullptr) {
        status.down_since = tunnel.outage.since();
        status.why_down = status::told(why_down(peer, tunnel));
        status.next = next_in_words(peer, tunnel, now);
    }
    status.findings = standing(tunnel.remarks, now);
    if (const auto* carrier = tunnel.carrier(); carrier != nullptr) {
        status.up_since = tunnel.tally.up_since;
        // What comes through is not told to the engine, packet by packet.
        const auto last_in = usage_.usage(carrier->pair->id).value_or(sa::Usage{}).last_in;
        std::erase_if(status.findings, [&](const status::Standing& one) {
            return one.what.code == text(Code::one_way_traffic) && last_in && one.since &&
                   *last_in > *one.since;
        });
    }
    return status;
}

status::Peer Engine::Impl::status_of(const Peer& peer, Instant now) const {
    status::Peer status;
    status.name = peer.name;
    status.display_name = peer.config->display_name;
    for (const auto& address : peer.config->addresses) {
        status.gateway += (status.gateway.empty() ? "" : ", ") + config::text(address.value);
    }
    if (const auto name = config::own_name_of(*peer.config)) {
        auto verdict = own_names_.verdict(*name);
        status.own_name = *name;
        status.own_name_state = verdict.state;
        status.own_name_note = std::move(verdict.note);
    }
    status.last_error = told(peer.trouble.last());
    status.last_error_at = peer.trouble.at();
    status.findings = standing(peer.remarks, now);
    if (const auto& trip = peer.far_end.round_trip()) {
        status.round_trip_us =
            static_cast<std::uint64_t>(std::chrono::floor<std::chrono::microseconds>(trip->took).count());
    }
    status.negotiations = peer.negotiations;
    status.established = peer.established;
    status.unproved_aggressive = peer.unproved_aggressive;
    if (const auto& erred = peer.trouble.times()) {
        for (const auto& [code, times] : *erred) {
            status.failures.emplace(text(code), times);
        }
    }
    status.lookups = peer.lookups;
    status.lookups_failed = peer.lookups_failed;
    for (const auto* sa : peer.sas) {
        if (!sa->over()) {
            status.ike_sas.push_back(isakmp_sa_status(*sa));
        }
    }
    for (const auto& tunnel : peer.tunnels) {
        status.tunnels.push_back(status_of(peer, *tunnel, now));
    }
    return status;
}

/// A question that has left once may be under way, or be lost; twice is silence.
std::optional<bool> Engine::Impl::answers(const Peer& peer, Instant now) const {
    std::optional<bool> found;
    for (const IkeSa* sa : peer.sas) {
        const auto& inquiry = sa->inquiry();
        if (sa->over()) {
            continue;
        }
        if (!sa->established()) {
            if (sa->session->was_answered() || !sa->initiator()) {
                return true;
            }
            if (sa->life.created() + limits::dpd_repeat <= now) {
                found = false;
            }
        } else if (inquiry.possible()) {
            if (inquiry.unanswered() < 2 && !inquiry.disowned()) {
                return true;
            }
            found = false;
        } else if (last_life(*sa) + peer.config->liveness.idle > now) {
            return true;  // it cannot be asked, and has just been heard
        }
    }
    // Between two attempts nothing is under way.
    return found || !peer.far_end.silent() || !searching(peer) ? found : std::optional(false);
}

status::Pulses Engine::Impl::pulses(Instant now) const {
    status::Pulses pulses;
    pulses.reserve(peers_.size());
    for (const auto& peer : peers_) {
        status::Pulse& pulse = pulses.emplace_back();
        pulse.peer = peer->name;
        pulse.phase1 =
            std::ranges::any_of(peer->sas, [](const IkeSa* sa) { return !sa->over() && sa->established(); });
        // An address that is written needs no look-up.
        const bool written = std::ranges::any_of(peer->config->addresses, [](const auto& one) {
            return std::holds_alternative<IpAddress>(one.value);
        });
        pulse.address = peer->whereabouts.found();
        if (!pulse.address && (written || pulse.phase1)) {
            pulse.address = true;
        }
        for (const auto& tunnel : peer->tunnels) {
            (tunnel->carrier() != nullptr ? pulse.a_tunnel_up : pulse.a_tunnel_down) = true;
        }
        pulse.answers = answers(*peer, now);
        pulse.last = peer->far_end.round_trip();
    }
    return pulses;
}

status::Engine Engine::Impl::status(Instant now) const {
    status::Engine status;
    status.messages_in = messages_in_;
    status.messages_out = messages_out_;
    status.messages_ignored = messages_ignored_;
    status.key_trials = key_trials_;
    Session::Timers timers;
    add_timers(timers);
    status.timers = timers.count();
    for (const auto& sa : sas_) {
        status.half_open += !sa->initiator() && !sa->established() ? 1 : 0;
    }
    status.peers.reserve(peers_.size());
    for (const auto& peer : peers_) {
        status.peers.push_back(status_of(*peer, now));
    }
    for (const auto& stranger : strangers_.all()) {
        status.strangers.push_back(
            {stranger.address.text(), {status::told(stranger.why), stranger.since, stranger.times}});
    }
    return status;
}

}  // namespace causeway::ike
