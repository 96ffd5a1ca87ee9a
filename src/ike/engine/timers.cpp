// Everything that is due at a time, and when the next is.
#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ike/engine/impl.hpp"
#include "ike/engine/retrying.hpp"

namespace causeway::ike {

/// Every instant at which the engine has something to do: a new deadline belongs here and in the function that acts on
/// it.
void Engine::Impl::add_timers(const IkeSa& sa, Session::Timers& timers) const {
    const auto maybe = [&](const std::optional<Instant>& instant) {
        if (instant) {
            timers.add(*instant);
        }
    };
    sa.life.each_deadline([&](Instant instant) { timers.add(instant); });
    if (sa.peer != nullptr && sa.inquiry().under_way(now_)) {
        timers.add(sa.inquiry().under_way_until());  // something may wait for that
    }
    maybe(sa.inquiry().next());
    maybe(sa.keepalives.next());
    sa.session->add_timers(timers);
}

/// Its sessions are told apart from it: they go on while nothing is begun any more.
void Engine::Impl::add_timers(const Peer& peer, Session::Timers& timers) const {
    if (shutting_down_) {
        return;
    }
    const auto visit = [&](Instant instant) { timers.add(instant); };
    if (const auto next = peer.whereabouts.next_timeout()) {
        visit(*next);
    }
    peer.calls.each_deadline(now_, visit);
    bool wanted = false;
    for (const auto& tunnel : peer.tunnels) {
        wanted = wanted || tunnel->needs_phase1();
        if (const auto next = tunnel->retries.next_timeout(tunnel->missing(), now_);
            next && usable_sa(peer) != nullptr && !has_exchange_for(peer, *tunnel)) {
            visit(*next);
        }
        tunnel->sas.each_deadline(visit);
    }
    if (peer.attempts.waits(now_) && wanted && !peer.whereabouts.lookup_under_way() &&
        peer.whereabouts.can_be_called() && needs_phase1(peer) && !phase1_pending(peer, Begun::by_either)) {
        visit(peer.attempts.due_at());
    }
}

void Engine::Impl::add_timers(Session::Timers& timers) const {
    for (const auto& sa : sas_) {
        add_timers(*sa, timers);
    }
    for (const auto& peer : peers_) {
        add_timers(*peer, timers);
    }
    if (const auto next = shutting_down_ ? std::nullopt : own_names_.next_timeout()) {
        timers.add(*next);
    }
}

void Engine::Impl::settle_agendas() {
    peer_agenda_.settle([this](const Peer& peer) {
        Session::Timers timers;
        for (const auto* sa : peer.sas) {
            add_timers(*sa, timers);
        }
        add_timers(peer, timers);
        return timers.next();
    });
    nobodys_agenda_.settle([this](const IkeSa& sa) {
        Session::Timers timers;
        add_timers(sa, timers);
        return timers.next();
    });
    check_agendas();
}

/// Where assertions are on: nobody was changed and not stirred. What became due with this very instant may have let
/// something go on whose time has passed: that is looked at now as well.
void Engine::Impl::check_agendas() const {
#ifndef NDEBUG
    Session::Timers timers;
    add_timers(timers);
    const auto exact = timers.next();
    const auto listed = next_timeout();
    assert(!exact || (listed && *listed <= std::max(*exact, now_)));
#endif
}

std::optional<Instant> Engine::Impl::next_timeout() const {
    Session::Timers timers;
    for (const auto& next : {peer_agenda_.next(), nobodys_agenda_.next(),
                             shutting_down_ ? std::nullopt : own_names_.next_timeout()}) {
        if (next) {
            timers.add(*next);
        }
    }
    return timers.next();
}

void Engine::Impl::timeout_sas(const std::vector<Peer*>& peers, const std::vector<IkeSa*>& nobodys) {
    std::vector<IkeSa*> all = nobodys;
    for (const Peer* peer : peers) {
        all.insert(all.end(), peer->sas.begin(), peer->sas.end());
    }
    std::ranges::sort(all, {}, [](const IkeSa* sa) { return sa->number; });
    // What happens here may add SAs, never remove one before the sweep.
    for (IkeSa* sa : all) {
        if (!sa->over()) {
            timeout_sa(*sa);
        }
    }
}

void Engine::Impl::handle_timeout(Instant now) {
    now_ = std::max(now_, now);
    const auto due = peer_agenda_.take(now_);
    timeout_sas(due, nobodys_agenda_.take(now_));
    sweep();
    if (!shutting_down_) {
        // With those that were stirred meanwhile, by what has become of others.
        auto peers = peer_agenda_.take(now_);
        peers.insert(peers.end(), due.begin(), due.end());
        std::ranges::sort(peers, {}, &Peer::position);
        const auto [last, end] = std::ranges::unique(peers);
        peers.erase(last, end);
        for (Peer* peer : peers) {
            timeout_peer(*peer);
        }
    }
    sweep();
    if (!shutting_down_) {
        perform(own_names_.handle_timeout(now_));
    }
    compare_own_names();
    settle_commands();
    settle_agendas();
}

/// Its time for that has come.
void Engine::Impl::renew(IkeSa& sa) {
    sa.life.take_renewal();
    if (phase1_pending(*sa.peer, Begun::by_either)) {
        sa.life.renew_at(now_ + limits::let_peer_call);  // what is under way may come to nothing
    } else if (!shutting_down_ && (serves(sa) || sa.life.is_worn_out())) {
        // Make before break: the old SA serves until the new one stands (RFC 2409 has no renewal but
        // another Main Mode).
        start_phase1(*sa.peer, {sa.remote().address, sa.local().address}, sa.number);
        if (sas_.back()->initiator() && !sas_.back()->established()) {
            sa.life.renew_at(now_ + limits::half_open_time);
        }
    } else {
        sa.life.renew_halfway(now_);
    }
}

void Engine::Impl::timeout_sa(IkeSa& sa) {
    if (!sa.established()) {
        sa.session->handle_timeout();
        return !sa.over() && sa.life.is_expired(now_)
                   ? phase1_failed(sa, finding<FindingId::phase1_unfinished>())
                   : void();
    }
    if (sa.life.is_expired(now_)) {
        return lose_ike_sa(sa,
                           {finding<FindingId::lifetime_over>(),
                            finding<FindingId::isakmp_sa_too_short>(field<"count">({}))},
                           Tell::peer);
    }
    if (sa.life.is_to_be_deleted(now_)) {
        if (auto* newer = usable_sa(*sa.peer);
            newer != nullptr && newer->inquiry().possible() && newer->unproven()) {
            sa.life.delete_later(now_ + limits::dpd_repeat);
            if (newer->inquiry().unanswered() == 0) {
                newer->session->ask_alive();
            }
            return;
        }
        return close_ike_sa(sa, finding<FindingId::replaced>(), Tell::peer);
    }
    if (sa.life.is_to_be_renewed(now_)) {
        renew(sa);
    }
    if (sa.inquiry().next() && *sa.inquiry().next() <= now_) {
        check_liveness(sa);
        if (sa.over()) {
            return;
        }
    }
    if (sa.keepalives.take_due(now_)) {
        outputs_.push_back(Keepalive{sa.local(), sa.remote()});
    }
    sa.session->handle_timeout();
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
