// Questions about what there is: which ISAKMP SA serves a peer, who has which name or number. Changes nothing but what was
// said of an error last.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

/// The newest one. One that the peer is said not to know serves only while there is no other.
IkeSa* Engine::Impl::usable_sa(const Peer& peer) const {
    IkeSa* disowned = nullptr;
    for (auto sa = peer.sas.rbegin(); sa != peer.sas.rend(); ++sa) {
        if ((*sa)->dead || !(*sa)->established() || (*sa)->being_replaced) {
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
        return other->number > sa.number && !other->dead && other->established();
    };
    const auto shown = [&](const IkeSa* other) { return newer(other) && !other->unproven(); };
    return !sa.unproven() && !sa.inquiry().disowned() && !sa.being_replaced &&
           std::ranges::any_of(sa.peer->sas, newer) && std::ranges::none_of(sa.peer->sas, shown);
}

bool Engine::Impl::phase1_pending(const Peer& peer, bool initiator_only) const {
    const auto pending = [](const IkeSa* sa) { return !sa->dead && !sa->established(); };
    if (std::any_of(peer.sas.begin(), peer.sas.end(), pending)) {
        return true;
    }
    // A peer that is calling us right now: its exchange comes first. Whether it is the peer shows with its
    // message 3.
    return !initiator_only && peer.calls_since && *peer.calls_since + limits::let_peer_call > now_ &&
           std::any_of(nobodys_.begin(), nobodys_.end(), [&](const IkeSa* sa) {
               return pending(sa) && peer.whereabouts.is_known_at(sa->remote().address) &&
                      (sa->session->round_trip() || *peer.calls_since + limits::let_peer_show > now_);
           });
}

Peer* Engine::Impl::find_peer(const std::string& name) const {
    const auto found =
        std::find_if(peers_.begin(), peers_.end(), [&](const auto& peer) { return peer->name == name; });
    return found == peers_.end() ? nullptr : found->get();
}

Engine::Impl::Found Engine::Impl::find_child(sa::SaId id) const {
    for (const auto& peer : peers_) {
        for (const auto& tunnel : peer->tunnels) {
            if (const auto* child = tunnel->sas.find(id); child != nullptr) {
                return {peer.get(), tunnel.get(), child};
            }
        }
    }
    return {};
}

Engine::Impl::Found Engine::Impl::find_tunnel(sa::ReqId reqid) const {
    for (const auto& peer : peers_) {
        for (const auto& tunnel : peer->tunnels) {
            if (tunnel->config->reqid == reqid) {
                return {peer.get(), tunnel.get(), nullptr};
            }
        }
    }
    return {};
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
        return !sa->dead && sa->session->negotiates(tunnel.config->reqid);
    });
}

void Engine::Impl::remember_error(Peer& peer, const Finding& why) {
    peer.last_error = why;
    peer.last_error_at = now_;
}

void Engine::Impl::explain_down(Peer& peer, const Finding& why) {
    for (auto& tunnel : peer.tunnels) {
        if (tunnel->carrier() == nullptr) {
            tunnel->outage.explain(why);
        }
    }
}

bool Engine::Impl::sends_on(const Peer& peer, std::uint32_t spi) {
    return std::any_of(peer.tunnels.begin(), peer.tunnels.end(), [&](const auto& tunnel) {
        return std::ranges::any_of(tunnel->sas.all(),
                                   [&](const ChildSa& child) { return child.pair->outbound.spi == spi; });
    });
}

/// Who is silent now may have said why before; that is what helps.
Finding Engine::Impl::with_refusal(const Finding& why, const std::optional<Finding>& refusal) {
    if (!refusal || *refusal == why) {
        return why;
    }
    Finding told = *refusal;
    told.fields.emplace_back("since", why.sentence());
    return told;
}

negotiation::Candidates Engine::Impl::candidates_for(const IpAddress& remote) const {
    // First those who are known to be there, then those who may come from anywhere (a name may be behind the
    // times).
    negotiation::Candidates candidates{{}, anywhere_};
    for (const auto& peer : peers_) {
        if (is_known_at(*peer, remote)) {
            candidates.likely.push_back(peer->config);
        }
    }
    return candidates;
}

bool Engine::Impl::is_known_at(const Peer& peer, const IpAddress& remote) {
    const auto stands = [&](const IkeSa* sa) {
        return !sa->dead && sa->established() && sa->remote().address == remote;
    };
    return negotiation::is_configured_at(*peer.config, remote) || peer.whereabouts.is_known_at(remote) ||
           std::ranges::any_of(peer.sas, stands);
}

}  // namespace causeway::ike
