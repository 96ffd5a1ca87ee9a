// What follows from where a peer is (whereabouts.hpp): look-ups are asked for, answers taken, and whom they lead
// to is called or asked.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

Whereabouts::Situation Engine::Impl::situation(const Peer& peer) const {
    const bool wanted =
        std::ranges::any_of(peer.tunnels, [](const auto& tunnel) { return tunnel->needs_phase1(); });
    return {wanted && needs_phase1(peer) ? Whereabouts::Need::reach : Whereabouts::Need::none,
            local_in_use(peer)};
}

void Engine::Impl::start_lookup(Peer& peer) {
    perform(peer, peer.whereabouts.look_up(situation(peer), now_));
}

void Engine::Impl::timeout_whereabouts(Peer& peer) {
    for (auto due = peer.whereabouts.next_timeout(); due && *due <= now_;
         due = peer.whereabouts.next_timeout()) {
        perform(peer, peer.whereabouts.handle_timeout(own_addresses_, situation(peer), now_));
    }
}

void Engine::Impl::on(LookupDone&& done) {
    auto* peer = find_peer(done.peer);
    if (peer != nullptr && !shutting_down_) {
        perform(*peer, peer->whereabouts.answered(std::move(done), own_addresses_, situation(*peer), now_));
    }
}

void Engine::Impl::perform(Peer& peer, Whereabouts::Changes&& changes) {
    for (auto& change : changes) {
        std::visit([&](auto&& one) { perform(peer, std::forward<decltype(one)>(one)); }, std::move(change));
    }
}

void Engine::Impl::perform(Peer&, Lookup&& lookup) {
    outputs_.emplace_back(std::move(lookup));
}

void Engine::Impl::perform(Peer&, Event&& event) {
    outputs_.emplace_back(Report{std::move(event)});
}

void Engine::Impl::perform(Peer& peer, Whereabouts::FoundAt&& found) {
    found_at(peer, found.remote);
}

void Engine::Impl::perform(Peer& peer, Whereabouts::ResolvedAgain&&) {
    network_is_back(peer);
}

void Engine::Impl::perform(Peer& peer, Whereabouts::NotFound&& failure) {
    remember_error(peer, failure.why);
    peer.next_attempt = failure.next;
    explain_down(peer, failure.why);
    command_failed(peer, nullptr, failure.why);
}

void Engine::Impl::perform(Peer& peer, Whereabouts::Answered&&) {
    own_names_.doubt();
    begin_attempt(peer);
}

void Engine::Impl::reset_backoff(Peer& peer) {
    peer.failures = 0;
    peer.next_attempt.reset();
    peer.whereabouts.search_anew(now_);
}

/// Name servers answer again: so may the peer, and what waits for its next try need not.
void Engine::Impl::network_is_back(Peer& peer) {
    reset_backoff(peer);
    for (auto& sa : sas_) {
        if (!sa->dead && sa->peer == &peer && sa->initiator() && !sa->established()) {
            sa->session->repeat_now();
        }
    }
}

void Engine::Impl::perform(Peer& peer, Whereabouts::AnswerChanged&& changed) {
    auto* standing = usable_sa(peer);
    if (standing != nullptr && !peer.whereabouts.is_known_at(standing->remote().address)) {
        ask_where_it_stands(*standing);
    }
    if (!changed.fresh) {
        return;
    }
    reset_backoff(peer);
    // The address we call at is not the only one any more: begin at the new one, beside whatever is pending.
    if (needs_phase1(peer) && phase1_pending(peer, true) && !calling(peer, changed.fresh->remote)) {
        peer.whereabouts.prefer(*changed.fresh);
        start_beside(peer, *changed.fresh);
    }
}

/// A name that points elsewhere is no proof that the peer has moved: it is asked.
void Engine::Impl::ask_where_it_stands(IkeSa& standing) {
    if (standing.inquiry().eager() && standing.inquiry().unanswered() != 0) {
        suspect(standing);  // silent, and its name points elsewhere: that is where it is
    } else {
        hint(standing);
        if (standing.inquiry().unanswered() != 0) {
            standing.inquiry().hasten();
        }
    }
}

void Engine::Impl::begin_attempt(Peer& peer) {
    const auto path = peer.whereabouts.next_path();
    if (path && searching(peer) && !phase1_pending(peer, false) && due_at(peer) <= now_) {
        start_beside(peer, *path);
    }
}

bool Engine::Impl::calling(const Peer& peer, const IpAddress& remote) const {
    return std::any_of(sas_.begin(), sas_.end(), [&](const auto& sa) {
        return !sa->dead && sa->peer == &peer && sa->initiator() && !sa->established() &&
               sa->remote().address == remote;
    });
}

void Engine::Impl::perform(Peer& peer, Whereabouts::AnotherAddressDue&&) {
    std::size_t calls = 0;
    for (const auto& sa : sas_) {
        if (!sa->dead && sa->peer == &peer && sa->initiator() && !sa->established()) {
            ++calls;
            if (sa->session->was_answered()) {
                return;  // somebody is there
            }
        }
    }
    if (!needs_phase1(peer) || calls == 0 || calls >= limits::addresses_at_once) {
        return;
    }
    for (const auto& path : peer.whereabouts.other_paths()) {
        if (!calling(peer, path.remote)) {
            return start_beside(peer, path);
        }
    }
}

/// Somebody calls whom no look-up has led to: it may be a peer whose name has just moved.
void Engine::Impl::resolve_possible_callers(const IpAddress& caller) {
    if (std::ranges::any_of(peers_,
                            [&](const auto& peer) { return peer->whereabouts.is_known_at(caller); })) {
        return;
    }
    std::size_t asked = 0;
    for (auto& peer : peers_) {
        if (asked < limits::lookups_per_caller && peer->whereabouts.name_may_have_moved(now_)) {
            ++asked;
            start_lookup(*peer);
        }
    }
}

}  // namespace causeway::ike
