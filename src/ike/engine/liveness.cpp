// Whether the peer is there: RFC 3706, its ESP as a sign of life, and what is done beside the SA that stands
// while nothing comes back.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>

#include "ike/engine/impl.hpp"
#include "status/pulse.hpp"

namespace causeway::ike {

namespace {

const Finding there_is_another = finding<FindingId::another_answers>();

}  // namespace

/// Of thousands of peers those that are due in the same slot are asked in one turn, and answer in one. Both ends have heard
/// from each other nearly at the same time: who called is the first to ask, for the other one to hear.
Instant Engine::Impl::quiet_until(const IkeSa& sa, Instant last) {
    const Duration idle = sa.peer->config->liveness.idle;
    const Duration slot = std::clamp<Duration>(idle / 100, Duration(1), limits::liveness_slot);
    const Duration due = (last + idle).time_since_epoch();
    const Duration past = due % slot;
    const Duration begins = past == Duration::zero() ? due : due - past + slot;
    return Instant(begins + (sa.initiator() ? 0 : 2) * slot);
}

Instant Engine::Impl::last_life(const IkeSa& sa) const {
    Instant last = sa.inquiry().last_heard();
    for (const auto& tunnel : sa.peer->tunnels) {
        for (const auto& child : tunnel->sas.all()) {
            // Authenticated ESP is life as well.
            if (const auto usage = usage_.usage(child.pair->id); usage && usage->last_in) {
                last = std::max(last, *usage->last_in);
            }
        }
    }
    return last;
}

/// The peer does not answer under this ISAKMP SA, which it may have forgotten, or knows under an address that
/// it has no more. When there is another one, that one is asked before anything is taken down. If the line is
/// dead neither is answered: so this one stays until the peer speaks under another.
bool Engine::Impl::fail_over(IkeSa& sa) {
    const auto& all = sa.peer->sas;
    const auto other = std::find_if(all.rbegin(), all.rend(), [&](const IkeSa* one) {
        return one != &sa && !one->over() && one->established() && !one->inquiry().disowned();
    });
    if (other == all.rend()) {
        return false;
    }
    auto& next = **other;
    ask_again(next);
    if (sa.inquiry().possible()) {
        sa.inquiry().disown();
        sa.inquiry().calm();
        sa.inquiry().look_at(now_ + limits::dpd_repeat);
    } else {
        close_ike_sa(sa, there_is_another, Tell::nobody);  // it cannot be asked
    }
    if (next.life.is_replaced()) {
        next.life.serve_again(next.peer->config->rekey ? std::optional(now_ + limits::dpd_repeat)
                                                       : std::nullopt);
    }
    if (next.inquiry().possible()) {
        next.inquiry().calm();
        next.session->ask_alive();
    }
    return true;
}

/// A tunnel's pair ends before several ISAKMP SAs can be tried one after the other.
bool Engine::Impl::ends_soon(const Peer& peer) const {
    return std::ranges::any_of(peer.tunnels, [&](const auto& tunnel) {
        const auto* carrier = tunnel->carrier();
        return carrier != nullptr && carrier->expires < now_ + limits::half_open_time;
    });
}

/// Quick Mode got no answer and nothing else came under the SA since: ESP may flow, and liveness checks be
/// content with that, while the peer does not know the ISAKMP SA (any more).
void Engine::Impl::distrust(IkeSa& sa, Instant since) {
    if (sa.over() || shutting_down_ || sa.inquiry().last_heard() > since) {
        return;
    }
    auto& peer = *sa.peer;
    if (fail_over(sa) && !ends_soon(peer)) {
        return;
    }
    start_lookup(peer);
    if (auto* standing = usable_sa(peer); standing != nullptr) {
        suspect(*standing);
    }
}

/// Two messages of a Quick Mode have had no answer: before its pair ends it must be known whether the peer
/// has lost the ISAKMP SA.
void Engine::Impl::on(IkeSa& sa, session::ChildUnanswered&& child) {
    if (shutting_down_ || sa.inquiry().disowned() || sa.inquiry().last_heard() > child.since ||
        usable_sa(*sa.peer) != &sa) {
        return;
    }
    if (!sa.inquiry().possible()) {
        // It cannot be asked. What is left of the retransmissions is waited for if there is time.
        const auto* tunnel = tunnel_of(*sa.peer, child.reqid);
        const auto* carrier = tunnel != nullptr ? tunnel->carrier() : nullptr;
        if (carrier != nullptr && carrier->expires < now_ + limits::half_open_time) {
            distrust(sa, child.since);
        }
        return;
    }
    sa.inquiry().unheeded();
    if (sa.inquiry().unanswered() == 0) {
        sa.session->ask_alive();
    }
    sa.inquiry().look_no_later_than(now_ + limits::dpd_repeat_eager);
}

/// A question because of a Quick Mode without answer has none either: Phase 1 is begun beside. True: no more
/// is to be said of the silence, for ESP still comes.
bool Engine::Impl::check_unheeded(IkeSa& sa) {
    const auto& liveness = sa.peer->config->liveness;
    if (sa.inquiry().disowned()) {
        sa.inquiry().heeded();  // it has said so since
        return false;
    }
    if (!sa.peer->beside.suspected()) {
        distrust(sa, sa.inquiry().asked());
        if (sa.over() || sa.inquiry().disowned()) {
            return true;  // another one is asked in its place
        }
    }
    if (sa.inquiry().unanswered() < liveness.misses) {
        sa.session->ask_alive();
        return true;
    }
    sa.inquiry().heeded();
    if (const Instant last = last_life(sa); last + liveness.idle > now_) {
        sa.inquiry().rest(last + liveness.idle);
        return true;
    }
    return false;
}

void Engine::Impl::check_liveness(IkeSa& sa) {
    const auto& liveness = sa.peer->config->liveness;
    if (auto* usable = usable_sa(*sa.peer); usable != &sa) {
        if (sa.inquiry().disowned()) {
            if (sa.inquiry().unanswered() < liveness.misses) {
                sa.session->ask_alive();
                // Asked at the same time: only then does the answer of one say what the silence of the other
                // means.
                if (usable != nullptr && usable->inquiry().possible() &&
                    usable->inquiry().unanswered() == 0 &&
                    usable->inquiry().last_heard() <= sa.inquiry().asked()) {
                    usable->session->ask_alive();
                }
                return;
            }
            if (usable != nullptr && usable->inquiry().last_heard() > sa.inquiry().asked()) {
                return close_ike_sa(sa, there_is_another, Tell::nobody);
            }
            sa.inquiry().rest(now_ + liveness.idle);
            return;
        }
        // A newer one speaks for the peer, which may have forgotten this one.
        sa.inquiry().heeded();
        sa.inquiry().calm();
        sa.inquiry().look_at(now_ + liveness.idle);
        return;
    }
    if (sa.inquiry().is_unheeded() && sa.inquiry().unanswered() != 0 && check_unheeded(sa)) {
        return;
    }
    const Instant last = sa.inquiry().disowned() ? sa.inquiry().last_heard() : last_life(sa);
    if (sa.inquiry().unanswered() == 0 && last + liveness.idle > now_) {
        sa.inquiry().look_at(quiet_until(sa, last));
        return;
    }
    if (sa.inquiry().unanswered() != 0 && last > sa.inquiry().asked()) {
        proved_alive(sa);
        sa.inquiry().look_at(quiet_until(sa, last));
        return;
    }
    // Unanswered traffic makes us look early; it does not make a short outage fatal: what stands stays until
    // the peer was silent for as long as it may be without traffic.
    if (sa.inquiry().unanswered() >= liveness.misses &&
        (!sa.inquiry().eager() || last + liveness.idle <= now_)) {
        if (fail_over(sa)) {
            return;
        }
        if (!sa.peer->beside.suspected() && sa.peer->whereabouts.can_be_called()) {
            // Perhaps the peer has forgotten this SA only; what carries the tunnels stays until the answer to
            // another Phase 1 had time to come.
            start_lookup(*sa.peer);
            suspect(sa);
            sa.inquiry().look_at(now_ + limits::suspected_grace);
            return;
        }
        const auto called = std::ranges::find_if(sa.peer->sas, [](const IkeSa* one) { return one->calls(); });
        if (called != sa.peer->sas.end() && (*called)->life.created() + limits::suspected_grace > now_) {
            sa.inquiry().look_at((*called)->life.created() +
                                 limits::suspected_grace);  // begun while it was being asked
            return;
        }
        return peer_silent(*sa.peer, sa.remote(), sa.inquiry().unanswered());
    }
    if (sa.inquiry().eager() && sa.inquiry().unanswered() >= limits::dpd_suspect_after) {
        suspect(sa);
    }
    sa.session->ask_alive();
}

/// The peer is there, and yet nothing comes back from this tunnel since `since`. That may be traffic in one
/// direction; or the peer has lost the pair and its word about it, or never says one. Three messages make
/// another, so it is tried, after longer and longer times while nothing comes.
void Engine::Impl::renew_unanswered(Peer& peer, Tunnel& tunnel, const IkeSa& sa, Instant since) {
    const auto* carrier = tunnel.carrier();
    if (carrier == nullptr || tunnel.retries.renewal_due() || has_exchange_for(peer, tunnel) ||
        last_life(sa) <= since) {
        return;
    }
    const Duration first = limits::unanswered_renewal(peer.config->liveness.idle);
    const Duration silence = now_ - std::max(since, carrier->established);
    if (!tunnel.retries.renew_unanswered(since, silence, first, now_)) {
        return;
    }
    tunnel.sas.doubt_carrier();
    report(EventCode::tunnel_unanswered, tunnel.config->display_name,
           {{"remote", sa.remote().text()}, {"seconds", fmt::format("{:.0f}", seconds_of(silence))}});
    pursue(peer);
}

/// Nothing comes back, and there is no ISAKMP SA under which to ask: the peer may have closed it and lost the
/// pair as well. A tunnel that packets raise is made anew then, with Phase 1.
void Engine::Impl::renew_unasked(Peer& peer, Tunnel& tunnel, Instant since) {
    const auto* carrier = tunnel.carrier();
    if (carrier == nullptr || tunnel.retries.renewal_due() || !tunnel.wish.raised_by_packets() ||
        !peer.whereabouts.can_be_called()) {
        return;
    }
    const Duration silence = now_ - std::max(since, carrier->established);
    if (silence < peer.patience) {
        return;
    }
    tunnel.retries.renew_now();
    tunnel.sas.doubt_carrier();
    report(EventCode::traffic_unanswered, tunnel.config->display_name,
           {{"remote", carrier->remote.text()}, {"seconds", fmt::format("{:.0f}", seconds_of(silence))}});
    pursue(peer);
}

void Engine::Impl::on(sa::Unanswered&& event) {
    const auto found = find_tunnel(event.reqid);
    if (found.peer == nullptr || shutting_down_ || !found.peer->config->liveness.enabled) {
        return;
    }
    auto& peer = *found.peer;
    stir(peer);
    auto* sa = usable_sa(peer);
    if (sa == nullptr) {
        return renew_unasked(peer, *found.tunnel, event.since);
    }
    notice_one_way(peer, *found.tunnel, *sa, {event.since, last_life(*sa)});
    renew_unanswered(peer, *found.tunnel, *sa, event.since);
    const Instant last = last_life(*sa);
    if (peer.proved_alive && last > *peer.proved_alive) {
        // Life that was not asked for: the traffic is no longer one-way.
        peer.patience = sa::unanswered_first;
        peer.proved_alive.reset();
    }
    const Duration silence = now_ - std::max(event.since, last);
    const bool can_ask = sa->inquiry().possible();
    if (silence < (can_ask ? peer.patience : std::max(peer.patience, limits::unanswered_without_dpd))) {
        return;
    }
    if (!can_ask) {
        if (!peer.beside.suspected()) {
            start_lookup(peer);
        }
        return suspect(*sa);
    }
    // Its name may have pointed elsewhere before it fell silent; that answer will not come again as a new
    // one.
    const bool elsewhere = !peer.whereabouts.may_be_at(sa->remote().address);
    if (sa->inquiry().eager()) {
        if (elsewhere) {
            suspect(*sa);
        }
        return;
    }
    sa->inquiry().hasten();
    report(EventCode::traffic_unanswered, found.tunnel->config->display_name,
           {{"remote", sa->remote().text()}, {"seconds", fmt::format("{:.0f}", seconds_of(silence))}});
    if (sa->inquiry().unanswered() == 0) {
        sa->session->ask_alive();
    } else {
        sa->inquiry().look_no_later_than(now_ + limits::dpd_repeat_eager);
    }
    if (elsewhere) {
        suspect(*sa);
    }
    start_lookup(peer);
}

/// The SA answers after all: what was begun beside it ends, unless it has got an answer, too.
void Engine::Impl::proved_alive(IkeSa& sa) {
    auto& peer = *sa.peer;
    const bool was_asked_eagerly = sa.inquiry().shows_life();
    peer.whereabouts.showed_life();
    if (was_asked_eagerly) {
        peer.patience = std::min<Duration>(
            peer.patience * 2, std::max<Duration>(peer.config->liveness.idle, sa::unanswered_first));
        peer.proved_alive = now_;
    }
    if (!trust(peer)) {
        return;
    }
    peer.attempts.anew();
    for (auto* other : peer.sas) {
        if (other->calls() && !other->session->was_answered() && other->life.is_renewal_of(sa.number)) {
            other->end();
        }
    }
}

/// Only for what comes for the first time: a recorded message is no sign of life.
void Engine::Impl::heard(IkeSa& sa) {
    sa.inquiry().heard(now_);
    sa.peer->far_end.answers();
    proved_alive(sa);
    if (sa.inquiry().possible()) {
        sa.inquiry().look_at(quiet_until(sa, now_));
    }
}

void Engine::Impl::on(IkeSa& sa, session::Heard&&) {
    heard(sa);
}

void Engine::Impl::on(IkeSa& sa, session::QuestionAnswered&& answered) {
    if (answered.round_trip) {
        sa.peer->far_end.answered({*answered.round_trip, now_});
    }
    silence_proved(*sa.peer);
    pursue(*sa.peer);  // something may have waited for this
}

void Engine::Impl::on(IkeSa& sa, session::Doubted&&) {
    hint(sa);
}

void Engine::Impl::on(IkeSa& sa, session::Disowned&&) {
    sa.inquiry().disown();  // until it answers; where nothing can be asked, nothing is believed
    if (holds_up_a_tunnel(sa)) {
        suspect(sa);  // nothing stands that could be lost by it
    }
}

void Engine::Impl::on(IkeSa& sa, session::Unheeded&& unheeded) {
    distrust(sa, unheeded.since);
}

/// RFC 3947 4.
void Engine::Impl::on(IkeSa& sa, session::Moved&& moved) {
    report(EventCode::peer_moved, sa.peer->name,
           {{"from", sa.remote().text()}, {"to", moved.to.remote.text()}});
    if (sa.remote() != moved.to.remote) {
        sa.peer->whereabouts.left(sa.remote(), now_);
    }
    note_place(moved.to.remote.address, *sa.peer);
    sa.session->move(moved.to);
    bring_ike_sas(sa);
    for (auto& tunnel : sa.peer->tunnels) {
        perform(*sa.peer, *tunnel, tunnel->sas.move(moved.to.local, moved.to.remote));
    }
}

void Engine::Impl::peer_silent(Peer& peer, const Endpoint& remote, unsigned tries) {
    report(EventCode::peer_silent, peer.name,
           {{"remote", remote.text()},
            {"tries", std::to_string(tries)},
            {"next", "its SAs are dropped and built again"}});
    peer.whereabouts.fell_silent(now_);
    peer.far_end.does_not_answer();
    trust(peer);
    const Loss loss{finding<FindingId::peer_silent>(), finding<FindingId::falls_silent>(field<"count">({}))};
    // ESP says nothing of who has it when nothing was ever answered.
    const auto* sa = usable_sa(peer);
    const bool never_answered = sa != nullptr && !sa->inquiry().ever_answered();
    const Instant made = sa != nullptr ? sa->life.established().value_or(now_) : now_;
    for (auto& tunnel : peer.tunnels) {
        const bool carried = tunnel->carrier() != nullptr;
        perform(peer, *tunnel, tunnel->sas.remove_all(loss.why, ChildSas::Tell::nobody, now_));
        tunnel_lost(peer, *tunnel, loss.why,
                    carried ? std::optional(tunnel->config->on_silence) : std::nullopt);
    }
    drop_peer_sas(peer, loss.why, Tell::nobody, Pending::kept);
    if (never_answered) {
        peer.attempts.count_setback(made, now_, random_);
        tell_of_setbacks(peer, loss, remote);
    }
    peer.attempts.at_once();
    pursue(peer);
}

}  // namespace causeway::ike
