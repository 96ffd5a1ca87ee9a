// What failure means for what is wanted: for the peer, its tunnels, and whoever waits for a command.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

namespace {

TunnelNames names_of(const Peer& peer, const Tunnel& tunnel) {
    return {peer.name, tunnel.config->name, tunnel.config->display_name};
}

}  // namespace

void Engine::Impl::explain_down(Peer& peer, const Finding& why) {
    for (auto& tunnel : peer.tunnels) {
        if (tunnel->carrier() == nullptr) {
            tunnel->outage.explain(why);
        }
    }
}

void Engine::Impl::attempt_failed(Peer& peer, const Finding& why, NextGroup next) {
    peer.trouble.erred(why, now_);
    if (phase1_pending(peer, Begun::by_us)) {
        return;  // another address of the peer's is still being tried
    }
    if (next == NextGroup::offered) {
        return peer.attempts.group_refused(now_, random_);
    }
    peer.whereabouts.attempt_failed();
    peer.attempts.failed(peer.whereabouts.our_end_has_just_changed(now_) ? Attempts::Patience::little
                                                                         : Attempts::Patience::usual,
                         now_, random_);
    const auto tries = peer.config->keying_tries;
    const bool give_up = tries != 0 && peer.attempts.failures() >= tries;
    for (auto& tunnel : peer.tunnels) {
        if (tunnel->carrier() == nullptr) {
            tunnel->outage.explain(why);
            if (give_up) {
                tunnel->wish.give_up();
            } else {
                tunnel->wish.attempt_failed();
            }
        }
    }
    command_failed(peer, nullptr, why);
}

void Engine::Impl::tunnel_lost(Peer& peer, Tunnel& tunnel, const Finding& why,
                               std::optional<config::LossAction> action) {
    if (tunnel.carrier() != nullptr) {
        return;
    }
    tunnel.outage.go_on(now_, why);
    if (action) {
        tunnel.wish.lose(*action);
    }
    peer.attempts.try_soon(now_, random_);
}

void Engine::Impl::settle_commands() {
    if (commands_.anybody_waits()) {
        std::ranges::move(commands_.settle(tunnel_states(nullptr, nullptr)), std::back_inserter(outputs_));
    }
}

void Engine::Impl::command_failed(Peer& peer, const Tunnel* tunnel, const Finding& why) {
    if (commands_.anybody_waits()) {
        std::ranges::move(commands_.fail(tunnel_states(&peer, tunnel), why.sentence()),
                          std::back_inserter(outputs_));
    }
}

std::vector<Commands::TunnelState> Engine::Impl::tunnel_states(const Peer* concerned,
                                                               const Tunnel* only) const {
    std::vector<Commands::TunnelState> states;
    for (const auto& peer : peers_) {
        for (const auto& tunnel : peer->tunnels) {
            states.push_back({names_of(*peer, *tunnel), tunnel->carrier() != nullptr,
                              peer.get() == concerned && (only == nullptr || tunnel.get() == only)});
        }
    }
    return states;
}

std::vector<Engine::Impl::Found> Engine::Impl::find_named(const std::string& name) const {
    std::vector<Found> found;
    for (const auto& peer : peers_) {
        for (const auto& tunnel : peer->tunnels) {
            if (means(name, names_of(*peer, *tunnel))) {
                found.push_back({peer.get(), tunnel.get(), nullptr});
            }
        }
    }
    return found;
}

/// Whoever has called from there: not proved, so it hides nothing that the peer has said against a tunnel.
void Engine::Impl::peer_speaks_ikev2(Peer& peer, const IpAddress& caller) {
    if (usable_sa(peer) != nullptr) {
        return;
    }
    const auto why = finding<FindingId::caller_speaks_ikev2>(field<"caller">(caller.text()));
    peer.trouble.erred(why, now_);
    static_cast<void>(peer.remarks.see(why, now_));
    for (auto& tunnel : peer.tunnels) {
        // What is wanted is tried, and says itself why it fails.
        if (tunnel->carrier() == nullptr && !tunnel->wish.wanted() && !tunnel->wish.held_down() &&
            !tunnel->outage.refusal()) {
            tunnel->outage.explain(why);
        }
    }
}

/// A look-up has led to where somebody has just called from with IKEv2.
void Engine::Impl::found_at(Peer& peer, const IpAddress& remote) {
    if (told_strangers_.was_told_lately(ToldStrangers::Topic::ikev2, remote, now_)) {
        peer_speaks_ikev2(peer, remote);
    }
}

/// The peer is there: what it has not answered it does not answer.
void Engine::Impl::silence_proved(Peer& peer) {
    for (auto& tunnel : peer.tunnels) {
        const auto why = tunnel->outage.take_suspicion();
        if (!why || tunnel->carrier() != nullptr) {
            continue;
        }
        peer.trouble.erred(*why, now_);
        tunnel->outage.explain(with_refusal(*why, tunnel->outage.refusal()));
        if (tunnel->outage.tell(*why)) {
            report(EventCode::finding_seen, tunnel->config->display_name, {{"text", why->sentence()}});
        }
    }
}

/// Shown where it fits best: at the peer that is meant, or at the only one that may be at that address; else among the
/// strangers.
void Engine::Impl::caller_refused(const std::string& subject, const IpAddress& remote, Finding why) {
    Peer* meant = find_peer(subject);
    std::size_t there = 0;
    for (Peer* peer : places_.at(remote)) {
        if (subject.empty() && is_known_at(*peer, remote)) {
            meant = ++there == 1 ? peer : nullptr;
        }
    }
    if (meant == nullptr || !is_known_at(*meant, remote)) {
        why.fields.emplace_back(called_from, remote.text());
        if (told_strangers_.tell(ToldStrangers::Topic::caller, remote, now_)) {
            report(EventCode::finding_noted, meant != nullptr ? meant->name : std::string{},
                   {{"text", why.sentence()}});
        }
    }
    if (meant == nullptr) {
        return strangers_.called(remote, why, now_);
    }
    meant->trouble.erred(why, now_);
    static_cast<void>(meant->remarks.see(why, now_));
}

}  // namespace causeway::ike
