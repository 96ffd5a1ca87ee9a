// An ISAKMP SA that is established takes over from those before it.
#include <algorithm>
#include <utility>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

void Engine::Impl::supersede(IkeSa& newer) {
    std::size_t count = 1;
    // From the youngest: of too many the oldest go, for what is under way is under the latest.
    const auto before = newer.peer->sas;
    for (auto at = before.rbegin(); at != before.rend(); ++at) {
        auto* old = *at;
        if (old == &newer || old->dead || old->established() == nullptr) {
            continue;
        }
        ++count;
        if (newer.replaces == old->number) {
            // Who renewed deletes the old one, after what is under way on it has ended.
            old->being_replaced = true;
            old->rekey_at.reset();
            old->delete_at = now_ + limits::replaced_grace;
            report(EventCode::phase1_superseded, newer.peer->name, {{"remote", old->remote.text()}});
        } else if (count > limits::ike_sas_per_peer) {
            close_ike_sa(*old, "too many ISAKMP SAs with this peer", true);
        }
        // Others live out their time. Which one serves the ends may see differently when both have dialled at
        // once, and it may be the older one again: each is renewed if it serves when that is due.
    }
}

/// Nearly as many messages have been sent or seen under it as are remembered.
void Engine::Impl::renew_when_worn_out(IkeSa& sa, std::size_t used, std::size_t of) {
    if (used != limits::worn_out(of, sa.initiator) || !sa.established_at || sa.being_replaced) {
        return;
    }
    sa.worn_out = true;
    const Instant due = std::max(now_, *sa.established_at + limits::renewal_interval);
    sa.rekey_at = std::min(sa.rekey_at.value_or(due), due);
}

/// As it says in the newest Phase 1. Nothing authenticates that (RFC 2409 5); what hangs on it is only which
/// of two pairs that both serve goes.
bool Engine::Impl::is_causeway(const PeerRun& peer) {
    for (auto sa = peer.sas.rbegin(); sa != peer.sas.rend(); ++sa) {
        if (const auto* done = (*sa)->dead ? nullptr : (*sa)->established()) {
            const auto& vendors = done->progress.features.vendors;
            return std::ranges::find(vendors, isakmp::Vendor::causeway) != vendors.end();
        }
    }
    return false;
}

/// Nothing authenticates Vendor IDs and NAT-D payloads (RFC 3947 3.2): damaged ones leave nothing said. What
/// was found between the same two addresses holds on then; else the NAT would forget us for want of
/// keepalives. False: a peer that has spoken of NAT before says nothing, and there is nothing to go by.
bool Engine::Impl::settle_nat(IkeSa& newer) {
    auto& done = std::get<v1::Established>(newer.phase);
    auto& peer = *newer.peer;
    if (done.progress.nat.told) {
        peer.speaks_of_nat = true;
        peer.nat_doubted = false;
        return true;
    }
    for (auto old = peer.sas.rbegin(); old != peer.sas.rend(); ++old) {
        const IkeSa& before = **old;
        if (&before == &newer || before.dead || before.established() == nullptr ||
            before.local.address != newer.local.address || before.remote.address != newer.remote.address) {
            continue;
        }
        const auto& found = before.established()->progress;
        if (found.nat.any()) {
            done.progress.nat = found.nat;
            done.progress.nat.told = false;
            done.progress.features.nat = found.features.nat;
            if (newer.initiator) {
                newer.local = before.local;
                newer.remote = before.remote;
            }
        }
        break;
    }
    const bool expected =
        peer.speaks_of_nat || (newer.local.address.is_private() && !newer.remote.address.is_private());
    // Only who began can change to port 4500 through a NAT (RFC 3947 4).
    return !expected || !newer.initiator || std::exchange(peer.nat_doubted, true);
}

/// A renewal that was asked for under `sa`, and has no answer, is due again: nothing more will come of it.
void Engine::Impl::still_due(const IkeSa& sa) {
    for (const auto& exchange : sa.exchanges) {
        if (!exchange->initiator || exchange->finished) {
            continue;
        }
        if (auto* tunnel = tunnel_of(*sa.peer, exchange->tunnel); tunnel != nullptr) {
            tunnel->rekey_due = tunnel->rekey_due || tunnel->carrier() != nullptr;
        }
    }
}

/// A tunnel that nothing carries waits for an answer under this SA.
bool Engine::Impl::holds_up_a_tunnel(const IkeSa& sa) {
    return sa.peer != nullptr &&
           std::any_of(sa.exchanges.begin(), sa.exchanges.end(), [&](const auto& exchange) {
               const auto* tunnel = tunnel_of(*sa.peer, exchange->tunnel);
               return exchange->initiator && !exchange->finished && tunnel != nullptr &&
                      tunnel->carrier() == nullptr;
           });
}

/// What the peer was asked under an SA that it may have forgotten is asked again under the newest one.
void Engine::Impl::ask_again(IkeSa& newest) {
    for (auto* other : newest.peer->sas) {
        if (other == &newest) {
            continue;
        }
        still_due(*other);
        std::erase_if(other->exchanges,
                      [](const auto& exchange) { return exchange->initiator && !exchange->finished; });
    }
}

/// The peer has just proved that it is at `sa.remote`: the other ISAKMP SAs with it are there as well. One of
/// them may have to serve, when it is the only one that both ends still have.
void Engine::Impl::bring_ike_sas(const IkeSa& sa) {
    for (auto* other : sa.peer->sas) {
        if (other != &sa && !other->dead && other->established() != nullptr &&
            other->local.port == sa.local.port) {
            other->local = sa.local;
            other->remote = sa.remote;
        }
    }
}

/// The peer has just proved, in Phase 1, that it is at `sa.remote`: what was made elsewhere is sent there,
/// too.
void Engine::Impl::bring_children(IkeSa& sa) {
    bring_ike_sas(sa);
    for (auto& tunnel : sa.peer->tunnels) {
        for (auto& child : tunnel->sas) {
            if (child.remote.address == sa.remote.address) {
                continue;
            }
            Endpoint local = sa.local;
            Endpoint remote = sa.remote;
            if (child.pair->encapsulation == sa::Encapsulation::udp && local.port == 500) {
                local.port = remote.port = 4500;
            }
            move_child(child, local, remote);
        }
        if (const auto* carrier = tunnel->carrier();
            carrier != nullptr && carrier->pair->encapsulation == sa::Encapsulation::none &&
            sa.established()->progress.nat.any()) {
            tunnel->rekey_due = true;  // a NAT that was not known of: ESP goes in UDP from now on
            tunnel->next_attempt = sa.initiator ? std::nullopt : std::optional(now_ + limits::let_peer_call);
        }
    }
}

}  // namespace causeway::ike
