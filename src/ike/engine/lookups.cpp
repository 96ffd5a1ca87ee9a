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
        for (const auto& path : done.paths) {
            note_place(path.remote, *peer);
        }
        stir(*peer);
        peer->lookups += done.way_only ? 0 : 1;
        peer->lookups_failed += !done.way_only && done.paths.empty() ? 1 : 0;
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

void Engine::Impl::perform(Peer& peer, Event&& event) {
    if (event.code == EventCode::name_private) {
        static_cast<void>(peer.remarks.see(
            finding<FindingId::name_is_private>(field<"name">(std::string(event.field("name"))),
                                                field<"address">(std::string(event.field("address")))),
            now_));
    }
    outputs_.emplace_back(Report{std::move(event)});
}

void Engine::Impl::perform(Peer& peer, Whereabouts::FoundAt&& found) {
    found_at(peer, found.remote);
}

void Engine::Impl::perform(Peer& peer, Whereabouts::ResolvedAgain&&) {
    network_is_back(peer);
}

void Engine::Impl::perform(Peer& peer, Whereabouts::NotFound&& failure) {
    peer.trouble.erred(failure.why, now_);
    peer.attempts.try_at(failure.next);
    explain_down(peer, failure.why);
    command_failed(peer, nullptr, failure.why);
}

void Engine::Impl::perform(Peer& peer, Whereabouts::Answered&&) {
    own_names_.doubt();
    begin_attempt(peer);
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
    if (needs_phase1(peer) && phase1_pending(peer, Begun::by_us) && !calling(peer, changed.fresh->remote)) {
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
    if (path && searching(peer) && !phase1_pending(peer, Begun::by_either) &&
        peer.attempts.due_at() <= now_) {
        start_beside(peer, *path);
    }
}

void Engine::Impl::perform(Peer& peer, Whereabouts::AnotherAddressDue&&) {
    std::size_t calls = 0;
    for (const auto* sa : peer.sas) {
        if (sa->calls()) {
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
    if (std::ranges::any_of(places_.at(caller),
                            [&](const Peer* peer) { return peer->whereabouts.is_known_at(caller); })) {
        return;
    }
    std::size_t asked = 0;
    for (auto& peer : peers_) {
        if (asked < limits::lookups_per_caller && peer->whereabouts.name_may_have_moved(now_)) {
            ++asked;
            start_lookup(*peer);
            stir(*peer);
        }
    }
}

// An address that is gone is left when there is another one, not before: a line that comes back with the old
// one goes on where it stopped. An address that is still ours, but that packets to the peer do not leave by
// any more, is left make before break.
void Engine::Impl::perform(Peer& peer, Whereabouts::WaysKnown&& ways) {
    leave_lost_address(peer);
    drop_calls_from_elsewhere(peer, ways.paths);
    const auto* standing = usable_sa(peer);
    if (standing == nullptr) {
        return;
    }
    const auto there = std::ranges::find(ways.paths, standing->remote().address, &Path::remote);
    if (there == ways.paths.end()) {
        return;
    }
    if (const auto before = peer.whereabouts.take_way(*there, standing->local().address, now_)) {
        begin_move(peer, *there, *before);
    }
}

void Engine::Impl::leave_lost_address(Peer& peer) {
    if (const auto used = local_in_use(peer); used && own_addresses_.lost(*used)) {
        leave_address(peer, *used);
    }
}

void Engine::Impl::drop_calls_from_elsewhere(Peer& peer, const std::vector<Path>& ways) {
    for (auto* sa : peer.sas) {
        if (!sa->calls()) {
            continue;
        }
        const bool elsewhere = std::ranges::any_of(ways, [&](const Path& path) {
            return path.remote == sa->remote().address && path.local != sa->local().address;
        });
        if (elsewhere || own_addresses_.lost(sa->local().address)) {
            sa->end();
            peer.whereabouts.our_end_changed(now_);
            reset_backoff(peer);
        }
    }
}

void Engine::Impl::begin_move(Peer& peer, const Path& way, const IpAddress& before) {
    report(EventCode::way_changed, peer.name,
           {{"remote", way.remote.text()},
            {"local", way.local.text()},
            {"before", before.text()},
            {"next", "Phase 1 is begun from there, beside the SA that stands"}});
    peer.beside.move();
    reset_backoff(peer);
    for (auto& tunnel : peer.tunnels) {
        if (tunnel->carrier() != nullptr && we_may_call(peer, *tunnel)) {
            tunnel->wish.raise();
        }
    }
}

// Nothing leaves by an address that is not ours any more, and nothing comes back to it: there is no point in
// waiting until the peer seems silent.
void Engine::Impl::leave_address(Peer& peer, const IpAddress& address) {
    const auto why = finding<FindingId::our_address_gone>(field<"address">(address.text()));
    std::vector<Tunnel*> carried;
    for (auto& tunnel : peer.tunnels) {
        if (tunnel->carrier() != nullptr) {
            carried.push_back(tunnel.get());
        }
    }
    drop_peer_sas(peer, why, Tell::nobody);
    trust(peer);
    peer.beside.stay();
    peer.whereabouts.forget_way();
    for (auto& tunnel : peer.tunnels) {
        tunnel_lost(peer, *tunnel, why, std::nullopt);
    }
    for (auto* tunnel : carried) {
        // The peer cannot find us; so we call, whoever did before.
        if (peer.whereabouts.can_be_called() || tunnel->config->on_silence != config::LossAction::restart) {
            tunnel->wish.bring_back(tunnel->config->on_silence);
        }
    }
    peer.whereabouts.our_end_changed(now_);
    peer.whereabouts.fell_silent(now_);
    reset_backoff(peer);
}

bool Engine::Impl::we_may_call(const Peer& peer, const Tunnel& tunnel) {
    return peer.whereabouts.can_be_called() && tunnel.config->on_silence == config::LossAction::restart;
}

}  // namespace causeway::ike
