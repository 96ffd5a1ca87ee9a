// We call a peer: the first time, again, or beside the session that stands; and the doubts for which that is done.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "base/ports.hpp"
#include "ike/engine/impl.hpp"
#include "negotiation/phase1.hpp"

namespace causeway::ike {

void Engine::Impl::start_phase1(Peer& peer, const Path& path, std::optional<unsigned> replaces) {
    Place place{{path.local, ike_port}, {path.remote, ike_port}};
    // Renewed SAs speak from where they were last heard (RFC 3947 4: later exchanges stay on the floated
    // ports).
    if (replaces) {
        if (const auto* old = find_sa(*replaces); old != nullptr) {
            place = old->session->place();
        }
    }
    // The retransmissions end an attempt; this bound is for attempts stuck in Diffie-Hellman.
    auto owned = new_sa(Role::initiator, place, Caller::Standing::stranger,
                        SaLife(now_, now_ + limits::half_open_time * 4, replaces));
    IkeSa& sa = *owned;
    ++next_ike_number_;
    assign(sa, &peer);
    ++peer.negotiations;
    call_over(peer);
    sas_.push_back(std::move(owned));
    const auto groups = negotiation::offered_groups(peer.config->proposals);
    sa.session->call(groups.empty() ? crypto::GroupId::modp1024 : groups[peer.groups.turn(groups.size())]);
    enlist(sa);
    stir(peer);
}

void Engine::Impl::start_beside(Peer& peer, const Path& path) {
    const auto* standing = usable_sa(peer);
    const auto replaces = standing != nullptr ? std::optional(standing->number) : std::nullopt;
    // Answers that change again and again must not make calls without number.
    std::size_t calls = 0;
    for (auto sa = peer.sas.rbegin(); sa != peer.sas.rend(); ++sa) {
        if ((*sa)->calls() && !(*sa)->session->was_answered() && ++calls >= limits::addresses_at_once) {
            (*sa)->end();
        }
    }
    start_phase1(peer, path, std::nullopt);
    sas_.back()->life.renews(replaces);
    peer.whereabouts.called(situation(peer), now_);
}

/// One of the peer's addresses has answered: the others of its name are called no more.
void Engine::Impl::call_no_more(const Peer& peer) {
    for (auto* other : peer.sas) {
        if (other->calls() && !other->session->was_answered()) {
            other->end();
        }
    }
}

bool Engine::Impl::calling(const Peer& peer, const IpAddress& remote) const {
    return std::ranges::any_of(
        peer.sas, [&](const IkeSa* sa) { return sa->calls() && sa->remote().address == remote; });
}

// The peer may have moved, may have forgotten us, or the way to it may be down. Only the first two are mended
// by another Phase 1, and nobody can tell: so it is begun, and the SA that stands goes on carrying what it
// can.
void Engine::Impl::suspect(IkeSa& standing) {
    auto& peer = *standing.peer;
    if (peer.beside.suspected() || !peer.whereabouts.can_be_called()) {
        return;
    }
    peer.beside.suspect();
    tell_doubts(peer);
    peer.attempts.at_once();
    peer.whereabouts.fell_silent(now_);
    report(EventCode::peer_suspected, peer.name, {{"remote", standing.remote().text()}});
    if (!phase1_pending(peer, Begun::by_us)) {
        const Path known{standing.remote().address, standing.local().address};
        start_beside(peer, peer.whereabouts.best_path().value_or(known));
    }
}

/// What carries its tunnels is doubted while it gives no sign of life.
void Engine::Impl::tell_doubts(const Peer& peer) {
    for (const auto& tunnel : peer.tunnels) {
        for (const auto& child : tunnel->sas.all()) {
            outputs_.push_back(DoubtSa{child.pair->id, peer.beside.suspected()});
        }
    }
}

/// True: it was suspected until now.
bool Engine::Impl::trust(Peer& peer) {
    const bool was_suspected = peer.beside.trust();
    if (was_suspected) {
        tell_doubts(peer);
    }
    return was_suspected;
}

bool Engine::Impl::hint(IkeSa& sa) {
    if (!sa.inquiry().take_hint(now_)) {
        return false;
    }
    sa.session->ask_alive(Session::Where::here);
    return true;
}

void Engine::Impl::reset_backoff(Peer& peer) {
    peer.attempts.anew();
    peer.whereabouts.search_anew(now_);
}

/// Name servers answer again: so may the peer, and what waits for its next try need not.
void Engine::Impl::network_is_back(Peer& peer) {
    reset_backoff(peer);
    for (auto* sa : peer.sas) {
        if (sa->calls()) {
            sa->session->repeat_now();
        }
    }
}

}  // namespace causeway::ike
