// Questions about what there is: which ISAKMP SA serves a peer, who has which name or number. Changes nothing but what was
// said of an error last.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/sort.hpp"
#include "ike/engine/impl.hpp"
#include "ike/engine/retrying.hpp"

namespace causeway::ike {

/// The newest one. One that the peer is said not to know serves only while there is no other.
IkeSa* Engine::Impl::usable_sa(const Peer& peer) const {
    IkeSa* disowned = nullptr;
    for (auto sa = peer.sas.rbegin(); sa != peer.sas.rend(); ++sa) {
        if ((*sa)->over() || !(*sa)->established() || (*sa)->life.is_replaced()) {
            continue;
        }
        if (!(*sa)->inquiry().disowned()) {
            return *sa;
        }
        disowned = disowned != nullptr ? disowned : *sa;
    }
    return disowned;
}

bool Engine::Impl::serves(const IkeSa& sa) const {
    if (usable_sa(*sa.peer) == &sa) {
        return true;
    }
    const auto newer = [&](const IkeSa* other) {
        return other->number > sa.number && !other->over() && other->established();
    };
    const auto shown = [&](const IkeSa* other) { return newer(other) && !other->unproven(); };
    return !sa.unproven() && !sa.inquiry().disowned() && !sa.life.is_replaced() &&
           std::ranges::any_of(sa.peer->sas, newer) && std::ranges::none_of(sa.peer->sas, shown);
}

bool Engine::Impl::phase1_pending(const Peer& peer, Begun begun) const {
    const auto pending = [](const IkeSa* sa) { return !sa->over() && !sa->established(); };
    if (std::any_of(peer.sas.begin(), peer.sas.end(), pending)) {
        return true;
    }
    // A peer that is calling us right now: its exchange comes first. Whether it is the peer shows with its
    // message 3.
    return begun == Begun::by_either && peer.calls.may_come_first(now_) &&
           std::any_of(nobodys_.begin(), nobodys_.end(), [&](const IkeSa* sa) {
               return pending(sa) && peer.whereabouts.is_known_at(sa->remote().address) &&
                      peer.calls.comes_first(sa->session->round_trip() ? IncomingCalls::Shown::round_trip
                                                                       : IncomingCalls::Shown::nothing,
                                             now_);
           });
}

Peer* Engine::Impl::find_peer(const std::string& name) const {
    const auto found = std::ranges::lower_bound(by_name_, name, {}, &Peer::name);
    return found == by_name_.end() || (*found)->name != name ? nullptr : *found;
}

/// One that is not over.
IkeSa* Engine::Impl::find_sa(unsigned number) const {
    const auto found =
        std::ranges::lower_bound(sas_, number, {}, [](const auto& one) { return one->number; });
    return found != sas_.end() && (*found)->number == number && !(*found)->over() ? found->get() : nullptr;
}

Engine::Impl::Found Engine::Impl::find_child(sa::SaId id) const {
    const auto found = std::ranges::lower_bound(installed_, id, {}, &Installed::id);
    if (found == installed_.end() || found->id != id) {
        return {};
    }
    const auto* child = found->tunnel->sas.find(id);
    return child != nullptr ? Found{found->peer, found->tunnel, child} : Found{};
}

Engine::Impl::Found Engine::Impl::find_tunnel(sa::ReqId reqid) const {
    const auto found = std::ranges::lower_bound(by_reqid_, reqid, {}, &Numbered::reqid);
    return found != by_reqid_.end() && found->reqid == reqid ? Found{found->peer, found->tunnel, nullptr}
                                                             : Found{};
}

Tunnel* Engine::Impl::tunnel_of(const Peer& peer, sa::ReqId reqid) {
    for (const auto& tunnel : peer.tunnels) {
        if (tunnel->config->reqid == reqid) {
            return tunnel.get();
        }
    }
    return nullptr;
}

bool Engine::Impl::has_exchange_for(const Peer& peer, const Tunnel& tunnel) const {
    return std::ranges::any_of(peer.sas, [&](const IkeSa* sa) {
        return !sa->over() && sa->session->negotiates(tunnel.config->reqid);
    });
}

bool Engine::Impl::sends_on(const Peer& peer, std::uint32_t spi) {
    return std::any_of(peer.tunnels.begin(), peer.tunnels.end(), [&](const auto& tunnel) {
        return std::ranges::any_of(tunnel->sas.all(),
                                   [&](const ChildSa& child) { return child.pair->outbound.spi == spi; });
    });
}

/// Whoever is spoken with stands among the places: nobody else is looked at, for strangers make us ask.
std::vector<IkeSa*> Engine::Impl::established_with(const IpAddress& remote) const {
    std::vector<IkeSa*> found;
    for (const Peer* peer : places_.at(remote)) {
        std::ranges::copy_if(peer->sas, std::back_inserter(found), [&](const IkeSa* sa) {
            return !sa->over() && sa->established() && sa->remote().address == remote;
        });
    }
    sort_stably_by(found, [](const IkeSa* sa) { return sa->number; });
    return found;
}

negotiation::Candidates Engine::Impl::candidates_for(const IpAddress& remote) const {
    // First those who are known to be there, then those who may come from anywhere (a name may be behind the
    // times).
    negotiation::Candidates candidates{{}, anywhere_};
    for (const Peer* peer : places_.at(remote)) {
        if (is_known_at(*peer, remote)) {
            candidates.likely.push_back(peer->config);
        }
    }
    return candidates;
}

bool Engine::Impl::is_known_at(const Peer& peer, const IpAddress& remote) {
    const auto stands = [&](const IkeSa* sa) {
        return !sa->over() && sa->established() && sa->remote().address == remote;
    };
    return negotiation::is_configured_at(*peer.config, remote) || peer.whereabouts.is_known_at(remote) ||
           std::ranges::any_of(peer.sas, stands);
}

/// The address of ours that the peer's SAs go by, or that it is being called from.
std::optional<IpAddress> Engine::Impl::local_in_use(const Peer& peer) const {
    if (const auto* standing = usable_sa(peer); standing != nullptr) {
        return standing->local().address;
    }
    for (const auto& tunnel : peer.tunnels) {
        if (const auto* carrier = tunnel->carrier(); carrier != nullptr) {
            return carrier->pair->local_outer.address;
        }
    }
    for (auto sa = peer.sas.rbegin(); sa != peer.sas.rend(); ++sa) {
        if (!(*sa)->over()) {
            return (*sa)->local().address;
        }
    }
    return std::nullopt;
}

Whereabouts::Situation Engine::Impl::situation(const Peer& peer) const {
    const bool wanted =
        std::ranges::any_of(peer.tunnels, [](const auto& tunnel) { return tunnel->needs_phase1(); });
    return {wanted && needs_phase1(peer) ? Whereabouts::Need::reach : Whereabouts::Need::none,
            local_in_use(peer)};
}

std::string Engine::Impl::remote_of(const Peer& peer) const {
    const auto* sa = usable_sa(peer);
    const auto path = peer.whereabouts.best_path();
    return sa != nullptr ? sa->remote().text() : path ? path->remote.text() : peer.name;
}

/// What a tunnel that is down waits for.
std::string Engine::Impl::next_in_words(const Peer& peer, const Tunnel& tunnel, Instant now) const {
    if (!tunnel.wish.wanted()) {
        return tunnel.wish.raised_by_packets() ? "the first packet to the remote network starts it"
                                               : "waiting for the peer, or for 'causeway up'";
    }
    if (usable_sa(peer) != nullptr) {
        return has_exchange_for(peer, tunnel) ? "Quick Mode is under way"
                                              : retrying(tunnel.retries.due_at(), now);
    }
    if (phase1_pending(peer, Begun::by_either)) {
        return "Phase 1 is under way";
    }
    return peer.whereabouts.can_be_called()
               ? retrying(std::max(peer.attempts.due_at(), tunnel.retries.setbacks().pause_until()), now)
               : "waiting for the peer to call";
}

}  // namespace causeway::ike
