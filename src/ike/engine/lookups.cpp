// Where a peer is: its names and addresses, when they are looked up, and which of them is called next.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ike/engine/impl.hpp"
#include "ike/engine/retrying.hpp"

namespace causeway::ike {

bool leads_to(const std::vector<Path>& paths, const IpAddress& remote) {
    return std::any_of(paths.begin(), paths.end(), [&](const Path& path) { return path.remote == remote; });
}

bool Engine::Impl::can_be_called(const Peer& peer) {
    return std::any_of(peer.config->addresses.begin(), peer.config->addresses.end(), [](const auto& address) {
        return !std::holds_alternative<config::AnyAddress>(address.value);
    });
}

bool Engine::Impl::searching(const Peer& peer) const {
    return can_be_called(peer) && needs_phase1(peer) &&
           std::any_of(peer.tunnels.begin(), peer.tunnels.end(),
                       [](const auto& tunnel) { return tunnel->wanted || tunnel->rekey_due; });
}

void Engine::Impl::start_lookup(Peer& peer) {
    if (peer.lookup_pending || !can_be_called(peer)) {
        return;
    }
    const auto& addresses = peer.config->addresses;
    while (std::holds_alternative<config::AnyAddress>(addresses[peer.address % addresses.size()].value)) {
        ++peer.address;
    }
    peer.asked = peer.address % addresses.size();
    peer.lookup_pending = true;
    peer.lookup_started = now_;
    search_later(peer);
    outputs_.push_back(
        Lookup{peer.name, addresses[peer.asked].value,
               peer.config->local_address ? std::optional(peer.config->local_address->value) : std::nullopt,
               local_in_use(peer)});
}

/// Sooner than any name server answers: the way to the address where the peer was last.
void Engine::Impl::ask_for_way(Peer& peer, const IpAddress& remote) {
    outputs_.push_back(
        Lookup{peer.name, remote,
               peer.config->local_address ? std::optional(peer.config->local_address->value) : std::nullopt,
               local_in_use(peer), true});
}

void Engine::Impl::search_later(Peer& peer) {
    if (!searching(peer)) {
        peer.next_lookup.reset();
        peer.lookup_pause = {};
        return;
    }
    if (!peer.silent_since) {
        peer.silent_since = now_;
    }
    const bool eager = *peer.silent_since + limits::lookup_eager_time > now_;
    peer.lookup_pause =
        eager ? limits::lookup_eager
              : std::min<Duration>(limits::lookup_lazy,
                                   std::max<Duration>(peer.lookup_pause, limits::lookup_eager) * 2);
    peer.next_lookup = now_ + peer.lookup_pause;
}

void Engine::Impl::reset_backoff(Peer& peer) {
    peer.failures = 0;
    peer.next_attempt.reset();
    if (peer.silent_since) {
        peer.silent_since = now_;
    }
}

/// Name servers answer again: so may the peer, and what waits for its next try need not.
void Engine::Impl::network_is_back(Peer& peer) {
    reset_backoff(peer);
    for (auto& sa : sas_) {
        if (!sa->dead && sa->peer == &peer && sa->initiator && sa->established() == nullptr &&
            sa->retransmission && v1::awaits_peer(sa->rule())) {
            sa->retransmission->next = now_;
        }
    }
}

// A name is asked for again when its answer has grown old, within the configured bounds; an answer without
// age (from a file) lasts as long as any may.
void Engine::Impl::refresh_later(Peer& peer, const LookupDone& done) {
    const bool was_found = !done.paths.empty() || !peer.paths.empty();
    if (!was_found || !std::holds_alternative<config::HostName>(peer.config->addresses[peer.asked].value)) {
        return;
    }
    const auto& options = model_->options;
    const Duration age = done.paths.empty()      ? limits::retry_max
                         : done.ttl > Duration{} ? done.ttl
                                                 : options.lookup_ceiling;
    peer.next_refresh = now_ + std::max(options.lookup_floor, std::min(age, options.lookup_ceiling));
}

void Engine::Impl::timeout_lookups(Peer& peer) {
    if (peer.lookup_pending && peer.lookup_started + limits::lookup_timeout <= now_) {
        on(LookupDone{peer.name, {}, {}, "the resolver does not answer"});
    }
    if (peer.next_lookup && *peer.next_lookup <= now_) {
        // While the peer is silent its name may be what is behind the times.
        search_later(peer);
        if (peer.next_lookup) {
            start_lookup(peer);
        }
    }
    if (peer.next_refresh && *peer.next_refresh <= now_) {
        peer.next_refresh.reset();
        start_lookup(peer);
    }
    if (peer.next_path && *peer.next_path <= now_) {
        try_next_path(peer);
    }
}

void Engine::Impl::on(LookupDone&& done) {
    auto* found = find_peer(done.peer);
    if (found == nullptr || shutting_down_) {
        return;
    }
    auto& peer = *found;
    own_names_.doubt();
    if (done.way_only) {
        for (const auto& way : done.paths) {
            const auto known = std::find_if(peer.paths.begin(), peer.paths.end(),
                                            [&](const Path& path) { return path.remote == way.remote; });
            if (known != peer.paths.end()) {
                known->local = way.local;
            } else {
                peer.paths.insert(peer.paths.begin(), way);
                peer.path = 0;
            }
        }
        follow_way(peer, done.paths);
        return begin_attempt(peer);
    }
    peer.lookup_pending = false;
    drop_own_addresses(peer, done);
    refresh_later(peer, done);
    if (done.paths.empty()) {
        return lookup_failed(peer, done.error);
    }
    if (std::exchange(peer.unresolved, false)) {
        network_is_back(peer);
    }
    const std::vector<Path> ways = done.paths;
    adopt_paths(peer, std::move(done.paths));
    follow_way(peer, ways);
    begin_attempt(peer);
}

// What a name says may be wrong, and is then said once for each wrong answer: a peer is never at our own
// address, and behind a private one only seldom.
void Engine::Impl::drop_own_addresses(Peer& peer, LookupDone& done) {
    const auto& asked = peer.config->addresses[peer.asked].value;
    if (!std::holds_alternative<config::HostName>(asked) || done.paths.empty()) {
        return;
    }
    std::vector<Event> odd;
    std::string said;
    std::erase_if(done.paths, [&](const Path& path) {
        const bool ours = path.remote == path.local || std::find(own_addresses_.begin(), own_addresses_.end(),
                                                                 path.remote) != own_addresses_.end();
        // Blocklists and parked names answer with such addresses; a datagram there would go to this machine
        // or to everybody.
        if (!ours && (path.remote.is_loopback() || path.remote.is_no_host())) {
            const std::string kind =
                path.remote.is_loopback() ? "this machine itself" : "an address that no host can have";
            said += path.remote.text() + " nobody ";
            odd.push_back({EventCode::name_is_nobody,
                           peer.name,
                           {{"name", config::text(asked)}, {"address", path.remote.text()}, {"kind", kind}}});
            done.error = fmt::format("it is {}, {}", path.remote.text(), kind);
            return true;
        }
        if (ours || path.remote.is_private()) {
            said += path.remote.text() + (ours ? " ours " : " private ");
            odd.push_back({ours ? EventCode::name_is_ours : EventCode::name_private,
                           peer.name,
                           {{"name", config::text(asked)}, {"address", path.remote.text()}}});
        }
        if (ours) {
            done.error = fmt::format("it is {}, our own address", path.remote.text());
        }
        return ours;
    });
    if (std::exchange(peer.said_about_name, said) != said) {
        for (auto& event : odd) {
            outputs_.push_back(Report{std::move(event)});
        }
    }
}

void Engine::Impl::lookup_failed(Peer& peer, const std::string& why) {
    const auto name = config::text(peer.config->addresses[peer.asked].value);
    const bool stands = !searching(peer);
    if (!stands && !peer.next_lookup) {
        search_later(peer);
    }
    ++peer.address;
    peer.unresolved = true;
    const auto next = stands ? peer.next_refresh : peer.next_lookup;
    if (std::exchange(peer.said_about_name, why) != why && (next || !stands)) {
        report(EventCode::name_unresolved, peer.name,
               {{"name", name}, {"why", why}, {"next", retrying(next.value_or(now_), now_)}});
    }
    if (stands) {
        return;  // a silent resolver changes nothing
    }
    if (!peer.paths.empty()) {
        return begin_attempt(peer);  // the last address known is better than none
    }
    const auto unresolved = finding<FindingId::name_unresolved>(peer.config->addresses[peer.asked].place,
                                                                field<"name">(name), field<"why">(why));
    remember_error(peer, unresolved);
    peer.next_attempt = peer.next_lookup;
    explain_down(peer, unresolved);
    command_failed(peer, nullptr, unresolved);
}

void Engine::Impl::adopt_paths(Peer& peer, std::vector<Path> paths) {
    if (std::is_permutation(paths.begin(), paths.end(), peer.paths.begin(), peer.paths.end())) {
        return;  // name servers shuffle their answers
    }
    const auto& asked = peer.config->addresses[peer.asked].value;
    const std::vector<Path> before = std::exchange(peer.paths, std::move(paths));
    peer.path = 0;
    std::optional<Path> fresh;
    for (const auto& path : peer.paths) {
        if (leads_to(before, path.remote)) {
            continue;
        }
        fresh = fresh ? fresh : std::optional(path);
        found_at(peer, path.remote);
        if (std::holds_alternative<config::HostName>(asked)) {
            report(EventCode::name_resolved, peer.name,
                   {{"name", config::text(asked)}, {"address", path.remote.text()}});
        }
    }
    // A name that points elsewhere is no proof that the peer has moved: it is asked.
    auto* standing = usable_sa(peer);
    if (standing != nullptr && !leads_to(peer.paths, standing->remote.address)) {
        if (standing->dpd.eager && standing->dpd.unanswered != 0) {
            suspect(*standing);  // silent, and its name points elsewhere: that is where it is
        } else {
            hint(*standing);
            standing->dpd.eager = standing->dpd.eager || standing->dpd.unanswered != 0;
        }
    }
    if (!fresh) {
        return;
    }
    reset_backoff(peer);
    // The address we call at is not the only one any more: begin at the new one, beside whatever is pending.
    if (needs_phase1(peer) && phase1_pending(peer, true) && !calling(peer, fresh->remote)) {
        peer.path = static_cast<std::size_t>(std::find(peer.paths.begin(), peer.paths.end(), *fresh) -
                                             peer.paths.begin());
        start_beside(peer, *fresh);
    }
}

void Engine::Impl::begin_attempt(Peer& peer) {
    if (!searching(peer) || phase1_pending(peer, false) || peer.paths.empty() || due_at(peer) > now_) {
        return;
    }
    start_beside(peer, peer.paths[peer.path % peer.paths.size()]);
}

bool Engine::Impl::calling(const Peer& peer, const IpAddress& remote) const {
    return std::any_of(sas_.begin(), sas_.end(), [&](const auto& sa) {
        return !sa->dead && sa->peer == &peer && sa->initiator && sa->established() == nullptr &&
               sa->remote.address == remote;
    });
}

void Engine::Impl::try_next_path(Peer& peer) {
    peer.next_path.reset();
    std::size_t calls = 0;
    for (const auto& sa : sas_) {
        if (!sa->dead && sa->peer == &peer && sa->initiator && sa->established() == nullptr) {
            ++calls;
            if (sa->answered_from_peer) {
                return;  // somebody is there
            }
        }
    }
    if (!needs_phase1(peer) || calls == 0 || calls >= limits::addresses_at_once) {
        return;
    }
    for (std::size_t i = 1; i < peer.paths.size(); ++i) {
        const auto& path = peer.paths[(peer.path + i) % peer.paths.size()];
        if (!calling(peer, path.remote)) {
            return start_beside(peer, Path(path));
        }
    }
}

/// Somebody calls whom no look-up has led to: it may be a peer whose name has just moved.
void Engine::Impl::resolve_possible_callers(const IpAddress& caller) {
    std::size_t asked = 0;
    for (auto& peer : peers_) {
        if (leads_to(peer->paths, caller)) {
            return;
        }
    }
    for (auto& peer : peers_) {
        const bool by_name = std::any_of(
            peer->config->addresses.begin(), peer->config->addresses.end(),
            [](const auto& address) { return std::holds_alternative<config::HostName>(address.value); });
        if (by_name && !peer->lookup_pending && asked < limits::lookups_per_caller &&
            peer->lookup_started + model_->options.lookup_floor <= now_) {
            ++asked;
            start_lookup(*peer);
        }
    }
}

}  // namespace causeway::ike
