// Everything that is due at a time, and when the next is.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>

#include "ike/engine/impl.hpp"
#include "ike/engine/retrying.hpp"

namespace causeway::ike {

/// Calls `visit` with every instant at which the engine has something to do. One list for next_timeout and
/// for reviews: a new deadline belongs here and in the function that acts on it.
template <class Visit>
void Engine::Impl::each_deadline(Visit&& visit) const {
    const auto maybe = [&](const std::optional<Instant>& instant) {
        if (instant) {
            visit(*instant);
        }
    };
    for (const auto& sa : sas_) {
        visit(sa->expires);
        if (sa->retransmission && v1::awaits_peer(sa->rule())) {
            visit(sa->retransmission->next);
        }
        maybe(sa->rekey_at);
        maybe(sa->delete_at);
        maybe(sa->deferred_at);
        if (sa->peer != nullptr && question_under_way(*sa)) {
            visit(sa->dpd.asked + limits::question_alone);  // a Quick Mode may wait for that
        }
        maybe(sa->dpd.next);
        maybe(sa->path ? std::optional(sa->path->next) : std::nullopt);
        maybe(sa->next_keepalive);
        for (const auto& exchange : sa->exchanges) {
            visit(exchange->expires);
            if (exchange->retransmission) {
                visit(exchange->retransmission->next);
            }
        }
    }
    if (shutting_down_) {
        return;
    }
    maybe(own_names_.next_timeout());
    for (const auto& peer : peers_) {
        maybe(peer->whereabouts.next_timeout());
        for (const Duration patience : {limits::let_peer_show, limits::let_peer_call}) {
            if (peer->calls_since && *peer->calls_since + patience > now_) {
                visit(*peer->calls_since + patience);
            }
        }
        bool wanted = false;
        for (const auto& tunnel : peer->tunnels) {
            wanted = wanted || tunnel->needs_phase1();
            if (const auto next = tunnel->retries.next_timeout(tunnel->missing(), now_);
                next && usable_sa(*peer) != nullptr && !has_exchange_for(*peer, *tunnel)) {
                visit(*next);
            }
            tunnel->sas.each_deadline(visit);
        }
        if ((peer->next_attempt || peer->setbacks.pause_until() > now_) && wanted &&
            !peer->whereabouts.lookup_under_way() && peer->whereabouts.can_be_called() &&
            needs_phase1(*peer) && !phase1_pending(*peer, false)) {
            visit(due_at(*peer));
        }
    }
}

std::optional<Instant> Engine::Impl::next_timeout() const {
    std::optional<Instant> next;
    each_deadline([&](Instant instant) { next = next ? std::min(*next, instant) : instant; });
    return next;
}

std::size_t Engine::Impl::count_deadlines() const {
    std::size_t count = 0;
    each_deadline([&](Instant) { ++count; });
    return count;
}

void Engine::Impl::handle_timeout(Instant now) {
    now_ = std::max(now_, now);
    // By index: what happens here may add SAs, never remove one before the sweep.
    for (std::size_t i = 0; i < sas_.size(); ++i) {
        if (!sas_[i]->dead) {
            timeout_sa(*sas_[i]);
        }
    }
    sweep();
    if (!shutting_down_) {
        for (auto& peer : peers_) {
            timeout_peer(*peer);
        }
    }
    sweep();
    if (!shutting_down_) {
        perform(own_names_.handle_timeout(now_));
    }
    compare_own_names();
    settle_commands();
}

/// Our message was sent as often as limits.hpp says, and nobody has answered it.
void Engine::Impl::unanswered_to_the_end(IkeSa& sa) {
    auto& peer = *sa.peer;
    const std::string state{sa.rule()->name};
    const std::string remote = sa.remote.text();
    const std::string tries = std::to_string(sa.retransmission->tries);
    const auto why = sa.hint ? *sa.hint : with_refusal(unanswered(sa), peer.refusal);
    peer.whereabouts.fell_silent(now_);
    phase1_failed(sa, why);
    report(EventCode::phase1_no_answer, peer.name,
           {{"remote", remote},
            {"tries", tries},
            {"state", state},
            {"next", peer.next_attempt ? retrying(*peer.next_attempt, now_) : "retrying"}});
}

void Engine::Impl::timeout_half_open(IkeSa& sa) {
    if (sa.retransmission && v1::awaits_peer(sa.rule()) && sa.retransmission->next <= now_) {
        if (sa.refused_unreadably && sa.retransmission->tries > 1) {
            keys_differ(sa);
        }
        if (sa.hint && sa.peer != nullptr) {
            // Somebody told us why; it may be forged, so the exchange goes on, but who waits for a word
            // may have it.
            command_failed(*sa.peer, nullptr, *sa.hint);
        }
        if (repeat_after_change(sa)) {
            return;
        }
        if (sa.proposal_refused && sa.peer != nullptr && another_group_left(*sa.peer)) {
            return phase1_failed(sa, sa.hint ? *sa.hint : unanswered(sa));
        }
        if (!retransmit(sa, *sa.retransmission)) {
            return unanswered_to_the_end(sa);
        }
    }
    if (sa.expires <= now_) {
        phase1_failed(sa, finding<FindingId::phase1_unfinished>());
    }
}

/// Its time for that has come.
void Engine::Impl::renew(IkeSa& sa) {
    sa.rekey_at.reset();
    if (phase1_pending(*sa.peer, false)) {
        sa.rekey_at = now_ + limits::let_peer_call;  // what is under way may come to nothing
    } else if (!shutting_down_ && (serves(sa) || sa.worn_out)) {
        // Make before break: the old SA serves until the new one stands (RFC 2409 has no renewal but
        // another Main Mode).
        start_phase1(*sa.peer, {sa.remote.address, sa.local.address}, sa.number);
        if (sas_.back()->initiator && sas_.back()->established() == nullptr) {
            sa.rekey_at = now_ + limits::half_open_time;
        }
    } else if (const Duration left = sa.expires - now_; left > std::chrono::seconds(2)) {
        sa.rekey_at = now_ + left / 2;  // it may have to serve yet
    }
}

void Engine::Impl::timeout_sa(IkeSa& sa) {
    if (sa.established() == nullptr) {
        return timeout_half_open(sa);
    }
    if (sa.expires <= now_) {
        return lose_ike_sa(sa,
                           {finding<FindingId::lifetime_over>(),
                            finding<FindingId::isakmp_sa_too_short>(field<"count">({}))},
                           true);
    }
    if (sa.delete_at && *sa.delete_at <= now_) {
        if (auto* newer = usable_sa(*sa.peer); newer != nullptr && newer->dpd.next && newer->unproven()) {
            sa.delete_at = now_ + limits::dpd_repeat;
            if (newer->dpd.unanswered == 0) {
                send_r_u_there(*newer);
            }
            return;
        }
        return close_ike_sa(sa, finding<FindingId::replaced>(), true);
    }
    if (sa.rekey_at && *sa.rekey_at <= now_) {
        renew(sa);
    }
    if (sa.dpd.next && *sa.dpd.next <= now_) {
        check_liveness(sa);
        if (sa.dead) {
            return;
        }
    }
    if (sa.path && sa.path->next <= now_) {
        ask_about_path(sa);
    }
    if (sa.next_keepalive && *sa.next_keepalive <= now_) {
        sa.next_keepalive = now_ + limits::nat_keepalive;
        outputs_.push_back(Keepalive{sa.local, sa.remote});
    }
    timeout_deferred(sa);
    for (std::size_t i = 0; i < sa.exchanges.size(); ++i) {
        timeout_exchange(sa, *sa.exchanges[i]);
    }
    std::erase_if(sa.exchanges,
                  [&](const auto& exchange) { return exchange->finished && exchange->expires <= now_; });
}

void Engine::Impl::timeout_exchange(IkeSa& sa, Exchange& exchange) {
    if (exchange.finished) {
        return;
    }
    if (exchange.initiator && exchange.retransmission && exchange.retransmission->next <= now_ &&
        exchange.retransmission->tries == limits::quick_asks_after) {
        ask_whether_known(sa, exchange);
        if (sa.dead || exchange.finished) {
            return;
        }
    }
    if (exchange.initiator && exchange.retransmission && exchange.retransmission->next <= now_ &&
        exchange.retransmission->tries >= limits::quick_mode_makes_room_tries &&
        holds_up_others(sa, exchange)) {
        // Whether it is this tunnel that the peer does not answer, or the peer, is asked; where nothing can
        // be asked it shows by the others.
        if (!sa.deaf_since || sa.last_heard > *sa.deaf_since) {
            sa.deaf_since = exchange.since;
        }
        quick_failed(sa, exchange,
                     finding<FindingId::quick_mode_unanswered>(field<"remote">(sa.remote.text())),
                     Refused::no);
        return *sa.deaf_since + limits::deaf_at_last <= now_ ? distrust(sa, *sa.deaf_since) : void();
    }
    if (exchange.retransmission && exchange.retransmission->next <= now_ &&
        !retransmit(sa, *exchange.retransmission, exchange.place)) {
        quick_failed(sa, exchange,
                     exchange.initiator
                         ? finding<FindingId::quick_mode_unanswered>(field<"remote">(sa.remote.text()))
                         : finding<FindingId::quick_mode_unconfirmed>(),
                     Refused::no);
        return exchange.initiator ? distrust(sa, exchange.since) : void();
    }
    if (exchange.expires <= now_) {
        quick_failed(sa, exchange, finding<FindingId::quick_mode_unfinished>(), Refused::no);
    }
}

void Engine::Impl::timeout_children(Peer& peer, Tunnel& tunnel) {
    const ChildSas::Circumstances here{
        .wanted = tunnel.wish.wanted(),
        .deletes_at_once = peer.config->quirks.delete_on_rekey && usable_sa(peer) != nullptr};
    perform(peer, tunnel, tunnel.sas.handle_timeout(now_, here, usage_));
}

void Engine::Impl::timeout_peer(Peer& peer) {
    timeout_whereabouts(peer);
    for (auto& tunnel : peer.tunnels) {
        timeout_children(peer, *tunnel);
    }
    pursue(peer);
}

}  // namespace causeway::ike
