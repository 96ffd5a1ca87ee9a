// Whether the peer is there: RFC 3706, its ESP as a sign of life, and what is done beside the SA that stands
// while nothing comes back.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/ports.hpp"
#include "ike/engine/impl.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike {

namespace {

const Finding there_is_another = finding<FindingId::another_answers>();

}  // namespace

Instant Engine::Impl::last_life(const IkeSa& sa) const {
    Instant last = sa.last_heard;
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

void Engine::Impl::send_r_u_there(IkeSa& sa) {
    if (one_at_a_time(sa) && quick_mode_under_way(sa)) {
        // Its answer is a sign of life as well.
        sa.dpd.next = now_ + limits::retransmit_first;
        return;
    }
    // RFC 3706 5.3: a repetition keeps the number, a new question takes the next one.
    if (sa.dpd.unanswered == 0) {
        if (!std::exchange(sa.dpd.number_open, false)) {
            ++sa.dpd.sequence;
        }
        if (sa.path) {
            sa.path->asked = false;  // its answer would say nothing of the path
        }
        sa.dpd.asked = now_;
        sa.dpd.awaited = true;
    }
    ++sa.dpd.unanswered;
    Bytes cookies;
    append(cookies, sa.cky_i);
    append(cookies, sa.cky_r);
    send_notification(sa, isakmp::NotifyType::r_u_there, isakmp::Protocol::isakmp, cookies,
                      negotiation::spi_octets(sa.dpd.sequence));
    if (sa.dpd.elsewhere) {
        send_notification(sa, isakmp::NotifyType::r_u_there, isakmp::Protocol::isakmp, cookies,
                          negotiation::spi_octets(sa.dpd.sequence), sa.dpd.elsewhere);
    }
    const bool eager = sa.dpd.eager || sa.dpd.unheeded;
    sa.dpd.next = now_ + (eager ? limits::dpd_repeat_eager : limits::dpd_repeat);
}

/// The peer does not answer under this ISAKMP SA, which it may have forgotten, or knows under an address that
/// it has no more. When there is another one, that one is asked before anything is taken down. If the line is
/// dead neither is answered: so this one stays until the peer speaks under another.
bool Engine::Impl::fail_over(IkeSa& sa) {
    const auto other = std::find_if(sas_.rbegin(), sas_.rend(), [&](const auto& one) {
        return one.get() != &sa && one->peer == sa.peer && !one->dead && one->established() != nullptr &&
               !one->dpd.disowned;
    });
    if (other == sas_.rend()) {
        return false;
    }
    auto& next = **other;
    ask_again(next);
    if (sa.dpd.next) {
        sa.dpd.disowned = true;
        sa.dpd.eager = false;
        sa.dpd.unanswered = 0;
        sa.dpd.next = now_ + limits::dpd_repeat;
    } else {
        close_ike_sa(sa, there_is_another, false);  // it cannot be asked
    }
    if (next.being_replaced) {
        next.being_replaced = false;
        next.delete_at.reset();
        if (next.peer->config->rekey) {
            next.rekey_at = now_ + limits::dpd_repeat;
        }
    }
    if (next.dpd.next) {
        next.dpd.eager = false;
        next.dpd.unanswered = 0;
        send_r_u_there(next);
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
    if (sa.dead || shutting_down_ || sa.last_heard > since) {
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
void Engine::Impl::ask_whether_known(IkeSa& sa, const Exchange& exchange) {
    if (shutting_down_ || sa.dpd.disowned || sa.last_heard > exchange.since || usable_sa(*sa.peer) != &sa) {
        return;
    }
    if (!sa.dpd.next) {
        // It cannot be asked. What is left of the retransmissions is waited for if there is time.
        const auto* tunnel = tunnel_of(*sa.peer, exchange.tunnel);
        const auto* carrier = tunnel != nullptr ? tunnel->carrier() : nullptr;
        if (carrier != nullptr && carrier->expires < now_ + limits::half_open_time) {
            distrust(sa, exchange.since);
        }
        return;
    }
    sa.dpd.unheeded = true;
    if (sa.dpd.unanswered == 0) {
        send_r_u_there(sa);
    }
    sa.dpd.next = std::min(*sa.dpd.next, now_ + limits::dpd_repeat_eager);
}

/// A question because of a Quick Mode without answer has none either: Phase 1 is begun beside. True: no more
/// is to be said of the silence, for ESP still comes.
bool Engine::Impl::check_unheeded(IkeSa& sa) {
    const auto& liveness = sa.peer->config->liveness;
    if (sa.dpd.disowned) {
        sa.dpd.unheeded = false;  // it has said so since
        return false;
    }
    if (!sa.peer->suspected) {
        distrust(sa, sa.dpd.asked);
        if (sa.dead || sa.dpd.disowned) {
            return true;  // another one is asked in its place
        }
    }
    if (sa.dpd.unanswered < liveness.misses) {
        send_r_u_there(sa);
        return true;
    }
    sa.dpd.unheeded = false;
    if (const Instant last = last_life(sa); last + liveness.idle > now_) {
        sa.dpd.unanswered = 0;
        sa.dpd.next = last + liveness.idle;
        return true;
    }
    return false;
}

void Engine::Impl::check_liveness(IkeSa& sa) {
    const auto& liveness = sa.peer->config->liveness;
    if (auto* usable = usable_sa(*sa.peer); usable != &sa) {
        if (sa.dpd.disowned) {
            if (sa.dpd.unanswered < liveness.misses) {
                send_r_u_there(sa);
                // Asked at the same time: only then does the answer of one say what the silence of the other
                // means.
                if (usable != nullptr && usable->dpd.next && usable->dpd.unanswered == 0 &&
                    usable->last_heard <= sa.dpd.asked) {
                    send_r_u_there(*usable);
                }
                return;
            }
            if (usable != nullptr && usable->last_heard > sa.dpd.asked) {
                return close_ike_sa(sa, there_is_another, false);
            }
            sa.dpd.unanswered = 0;
            sa.dpd.next = now_ + liveness.idle;
            return;
        }
        // A newer one speaks for the peer, which may have forgotten this one.
        sa.dpd.unanswered = 0;
        sa.dpd.unheeded = false;
        sa.dpd.eager = false;
        sa.dpd.next = now_ + liveness.idle;
        return;
    }
    if (sa.dpd.unheeded && sa.dpd.unanswered != 0 && check_unheeded(sa)) {
        return;
    }
    const Instant last = sa.dpd.disowned ? sa.last_heard : last_life(sa);
    if (sa.dpd.unanswered == 0 && last + liveness.idle > now_) {
        sa.dpd.next = last + liveness.idle;
        return;
    }
    if (sa.dpd.unanswered != 0 && last > sa.dpd.asked) {
        proved_alive(sa);
        sa.dpd.next = last + liveness.idle;
        return;
    }
    // Unanswered traffic makes us look early; it does not make a short outage fatal: what stands stays until
    // the peer was silent for as long as it may be without traffic.
    if (sa.dpd.unanswered >= liveness.misses && (!sa.dpd.eager || last + liveness.idle <= now_)) {
        if (fail_over(sa)) {
            return;
        }
        if (!sa.peer->suspected && sa.peer->whereabouts.can_be_called()) {
            // Perhaps the peer has forgotten this SA only; what carries the tunnels stays until the answer to
            // another Phase 1 had time to come.
            start_lookup(*sa.peer);
            suspect(sa);
            sa.dpd.next = now_ + limits::suspected_grace;
            return;
        }
        const auto called = std::ranges::find_if(sa.peer->sas, [](const IkeSa* one) {
            return one->initiator && !one->dead && one->established() == nullptr;
        });
        if (called != sa.peer->sas.end() && (*called)->created + limits::suspected_grace > now_) {
            sa.dpd.next = (*called)->created + limits::suspected_grace;  // begun while it was being asked
            return;
        }
        return peer_silent(*sa.peer, sa.remote, sa.dpd.unanswered);
    }
    if (sa.dpd.eager && sa.dpd.unanswered >= limits::dpd_suspect_after) {
        suspect(sa);
    }
    send_r_u_there(sa);
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
           {{"remote", sa.remote.text()}, {"seconds", fmt::format("{:.0f}", seconds_of(silence))}});
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
    auto* sa = usable_sa(peer);
    if (sa == nullptr) {
        return renew_unasked(peer, *found.tunnel, event.since);
    }
    renew_unanswered(peer, *found.tunnel, *sa, event.since);
    const Instant last = last_life(*sa);
    if (peer.proved_alive && last > *peer.proved_alive) {
        // Life that was not asked for: the traffic is no longer one-way.
        peer.patience = sa::unanswered_first;
        peer.proved_alive.reset();
    }
    const Duration silence = now_ - std::max(event.since, last);
    const bool can_ask = sa->dpd.next.has_value();
    if (silence < (can_ask ? peer.patience : std::max(peer.patience, limits::unanswered_without_dpd))) {
        return;
    }
    if (!can_ask) {
        if (!peer.suspected) {
            start_lookup(peer);
        }
        return suspect(*sa);
    }
    // Its name may have pointed elsewhere before it fell silent; that answer will not come again as a new
    // one.
    const bool elsewhere = !peer.whereabouts.may_be_at(sa->remote.address);
    if (sa->dpd.eager) {
        if (elsewhere) {
            suspect(*sa);
        }
        return;
    }
    sa->dpd.eager = true;
    report(EventCode::traffic_unanswered, found.tunnel->config->display_name,
           {{"remote", sa->remote.text()}, {"seconds", fmt::format("{:.0f}", seconds_of(silence))}});
    if (sa->dpd.unanswered == 0) {
        send_r_u_there(*sa);
    } else {
        sa->dpd.next = std::min(*sa->dpd.next, now_ + limits::dpd_repeat_eager);
    }
    if (elsewhere) {
        suspect(*sa);
    }
    start_lookup(peer);
}

// The peer may have moved, may have forgotten us, or the way to it may be down. Only the first two are mended
// by another Phase 1, and nobody can tell: so it is begun, and the SA that stands goes on carrying what it
// can.
void Engine::Impl::suspect(IkeSa& standing) {
    auto& peer = *standing.peer;
    if (peer.suspected || !peer.whereabouts.can_be_called()) {
        return;
    }
    set_suspected(peer, true);
    peer.next_attempt.reset();
    peer.whereabouts.fell_silent(now_);
    report(EventCode::peer_suspected, peer.name, {{"remote", standing.remote.text()}});
    if (!phase1_pending(peer, true)) {
        const Path known{standing.remote.address, standing.local.address};
        start_beside(peer, peer.whereabouts.best_path().value_or(known));
    }
}

bool Engine::Impl::set_suspected(Peer& peer, bool suspected) {
    const bool before = std::exchange(peer.suspected, suspected);
    if (before == suspected) {
        return before;
    }
    for (const auto& tunnel : peer.tunnels) {
        for (const auto& child : tunnel->sas.all()) {
            outputs_.push_back(DoubtSa{child.pair->id, suspected});
        }
    }
    return before;
}

void Engine::Impl::start_beside(Peer& peer, const Path& path) {
    const auto* standing = usable_sa(peer);
    const auto replaces = standing != nullptr ? std::optional(standing->number) : std::nullopt;
    // Answers that change again and again must not make calls without number.
    std::size_t calls = 0;
    for (auto sa = sas_.rbegin(); sa != sas_.rend(); ++sa) {
        if ((*sa)->peer == &peer && !(*sa)->dead && (*sa)->initiator && (*sa)->established() == nullptr &&
            !(*sa)->answered_from_peer && ++calls >= limits::addresses_at_once) {
            (*sa)->dead = true;
        }
    }
    start_phase1(peer, path, std::nullopt);
    sas_.back()->replaces = replaces;
    peer.whereabouts.called(situation(peer), now_);
}

/// The SA answers after all: what was begun beside it ends, unless it has got an answer, too.
void Engine::Impl::proved_alive(IkeSa& sa) {
    auto& peer = *sa.peer;
    sa.dpd.unanswered = 0;
    peer.whereabouts.showed_life();
    if (sa.dpd.eager) {
        sa.dpd.eager = false;
        peer.patience = std::min<Duration>(
            peer.patience * 2, std::max<Duration>(peer.config->liveness.idle, sa::unanswered_first));
        peer.proved_alive = now_;
    }
    if (!set_suspected(peer, false)) {
        return;
    }
    peer.next_attempt.reset();
    peer.failures = 0;
    for (auto& other : sas_) {
        if (other->peer == &peer && other->initiator && other->established() == nullptr &&
            !other->answered_from_peer && other->replaces == sa.number) {
            other->dead = true;
        }
    }
}

bool Engine::Impl::hint(IkeSa& sa) {
    if (!sa.dpd.next || sa.dpd.unanswered != 0 ||
        (sa.last_hint && *sa.last_hint + limits::hint_interval > now_)) {
        return false;
    }
    sa.last_hint = now_;
    sa.dpd.elsewhere.reset();  // nothing that proves anything has come from there since
    send_r_u_there(sa);
    return true;
}

/// Only for what comes for the first time: a recorded message is no sign of life.
void Engine::Impl::heard(IkeSa& sa) {
    sa.last_heard = now_;
    sa.proven = true;
    sa.dpd.disowned = false;
    sa.dpd.unheeded = false;
    proved_alive(sa);
    if (sa.dpd.next) {
        sa.dpd.next = now_ + sa.peer->config->liveness.idle;
    }
}

/// Where a message of the peer's came from, when that is not where it is known to be. From 4500 back to 500
/// nobody moves: a peer that answers from 500 is still reached on 4500.
std::optional<Place> Engine::Impl::elsewhere(const IkeSa& sa, const Datagram& datagram) const {
    const bool overtaken = sa.peer->whereabouts.has_just_left(datagram.remote, now_);
    if ((datagram.local.port == sa.local.port || sa.local.port == ike_port) && !overtaken &&
        (datagram.remote != sa.remote || datagram.local != sa.local)) {
        return Place{datagram.local, datagram.remote};
    }
    return std::nullopt;
}

/// RFC 3947 4: follow the peer on authenticated messages. Only on one that proves to have been made just now:
/// where an older one comes from is not where the peer is.
void Engine::Impl::follow(IkeSa& sa, const Datagram& datagram) {
    if (const auto place = elsewhere(sa, datagram)) {
        report(EventCode::peer_moved, sa.peer->name,
               {{"from", sa.remote.text()}, {"to", datagram.remote.text()}});
        move_sa(sa, place->local, place->remote);
    }
    sa.dpd.elsewhere.reset();
}

/// A message that proves nothing came from elsewhere: the peer may be there, its NAT may have a new mapping.
/// So it is asked there, and where it was: what answers is where it is.
void Engine::Impl::ask_there(IkeSa& sa, const Datagram& datagram) {
    const auto place = elsewhere(sa, datagram);
    if (!place || !sa.dpd.next ||
        (sa.dpd.asked_elsewhere && *sa.dpd.asked_elsewhere + limits::ask_elsewhere > now_)) {
        return;
    }
    sa.dpd.asked_elsewhere = now_;
    sa.dpd.elsewhere = place;
    send_r_u_there(sa);
}

void Engine::Impl::move_sa(IkeSa& sa, const Endpoint& local, const Endpoint& remote) {
    sa.local = local;
    if (sa.remote != remote) {
        sa.peer->whereabouts.left(sa.remote, now_);
    }
    sa.remote = remote;
    bring_ike_sas(sa);
    for (auto& tunnel : sa.peer->tunnels) {
        perform(*sa.peer, *tunnel, tunnel->sas.move(local, remote));
    }
}

}  // namespace causeway::ike
