// Success that is followed by loss at once is failure: whoever deletes what he has just made would have it
// made without end. Pauses grow as after refusals, and one sentence says what happens.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

namespace {

Finding habit_of(const Loss& loss, const Setbacks& setbacks) {
    Finding habit = loss.habit;
    for (auto& [name, value] : habit.fields) {
        if (name == "count") {
            value = std::to_string(setbacks.counted());
        }
    }
    return habit;
}

/// What the configuration wants done about it; nothing when it was a negotiation that failed.
std::optional<config::LossAction> action_after(const config::Tunnel& tunnel, child::Cause cause) {
    switch (cause) {
        case child::Cause::closed:
            return tunnel.on_close;
        case child::Cause::silence:
            return tunnel.on_silence;
        case child::Cause::negotiation:
            break;
    }
    return std::nullopt;
}

}  // namespace

void Engine::Impl::on(Peer& peer, Tunnel& tunnel, child::CarrierLost&& lost) {
    if (!lost.left_until) {
        tunnel_lost(peer, tunnel, lost.loss.why, action_after(*tunnel.config, lost.cause));
    }
    tunnel.retries.carrier_lost(lost.made, lost.left_until, now_, random_);
    const auto& setbacks = tunnel.retries.setbacks();
    if (!setbacks.is_habit()) {
        return;
    }
    const auto why = habit_of(lost.loss, setbacks);
    if (!lost.left_until) {
        tunnel.outage.explain(why);
    }
    peer.trouble.erred(why, now_);
    report(
        EventCode::lost_at_once, tunnel.config->display_name,
        {{"remote", remote_of(peer)}, {"what", why.sentence()}, {"next", next_in_words(peer, tunnel, now_)}});
}

void Engine::Impl::tell_of_setbacks(Peer& peer, const Loss& loss, const Endpoint& remote) {
    if (!peer.attempts.setbacks().is_habit()) {
        return;
    }
    const auto why = habit_of(loss, peer.attempts.setbacks());
    peer.trouble.erred(why, now_);
    std::string next = "the tunnels' SAs stay";
    for (auto& tunnel : peer.tunnels) {
        if (tunnel->carrier() == nullptr) {
            tunnel->outage.explain(why);
            next = next_in_words(peer, *tunnel, now_);
        }
    }
    report(EventCode::lost_at_once, peer.name,
           {{"remote", remote.text()}, {"what", why.sentence()}, {"next", next}});
}

/// The peer, which has proved who it is, begins more than limits.hpp allows: told once in a while.
void Engine::Impl::tell_of_limit(Peer& peer, const Finding& what, const std::string& next) {
    ++messages_ignored_;
    if (peer.told_of_limits && *peer.told_of_limits + limits::limit_told_interval > now_) {
        return;
    }
    peer.told_of_limits = now_;
    peer.trouble.erred(what, now_);
    report(EventCode::limit_reached, peer.name, {{"what", what.sentence()}, {"next", next}});
}

/// Somebody calls from where a peer is that has been let in too often of late. Of several behind one address
/// it may be any: it is refused when none of them has a call left.
bool Engine::Impl::calls_too_often(const IpAddress& remote) {
    Peer* burdensome = nullptr;
    for (Peer* peer : places_.at(remote)) {
        const bool there = peer->whereabouts.is_known_at(remote) ||
                           std::any_of(peer->sas.begin(), peer->sas.end(), [&](const IkeSa* sa) {
                               return sa->established() && sa->remote().address == remote;
                           });
        if (!there) {
            continue;
        }
        if (peer->phase1_begun.left(now_, limits::peers_phase1_interval, limits::peers_phase1_at_once)) {
            return false;
        }
        burdensome = peer;
    }
    if (burdensome == nullptr) {
        return false;
    }
    tell_of_limit(*burdensome, finding<FindingId::began_too_often>(field<"remote">(remote.text())),
                  "it is answered once a second");
    return true;
}

}  // namespace causeway::ike
