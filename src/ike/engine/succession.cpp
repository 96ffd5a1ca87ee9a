// An ISAKMP SA that is established takes over from those before it.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

void Engine::Impl::supersede(IkeSa& newer) {
    std::size_t count = 1;
    // From the youngest: of too many the oldest go, for what is under way is under the latest.
    const auto before = newer.peer->sas;
    for (auto at = before.rbegin(); at != before.rend(); ++at) {
        auto* old = *at;
        if (old == &newer || old->over() || !old->established()) {
            continue;
        }
        ++count;
        if (newer.life.is_renewal_of(old->number)) {
            // Who renewed deletes the old one, after what is under way on it has ended.
            old->life.replaced(now_ + limits::replaced_grace);
            report(EventCode::phase1_superseded, newer.peer->name, {{"remote", old->remote().text()}});
        } else if (count > limits::ike_sas_per_peer) {
            close_ike_sa(*old, finding<FindingId::too_many_isakmp_sas>(), Tell::peer);
        }
        // Others live out their time. Which one serves the ends may see differently when both have dialled at
        // once, and it may be the older one again: each is renewed if it serves when that is due.
    }
}

/// As it says in the newest Phase 1. Nothing authenticates that (RFC 2409 5); what hangs on it is only which
/// of two pairs that both serve goes.
ChildSas::Partner Engine::Impl::partner_of(const Peer& peer) {
    for (auto sa = peer.sas.rbegin(); sa != peer.sas.rend(); ++sa) {
        if (!(*sa)->over() && (*sa)->established()) {
            return (*sa)->session->peer_is_causeway() ? ChildSas::Partner::causeway
                                                      : ChildSas::Partner::other;
        }
    }
    return ChildSas::Partner::other;
}

/// Nothing authenticates Vendor IDs and NAT-D payloads (RFC 3947 3.2): damaged ones leave nothing said. What
/// was found between the same two addresses holds on then; else the NAT would forget us for want of
/// keepalives. False: a peer that has spoken of NAT before says nothing, and there is nothing to go by.
bool Engine::Impl::settle_nat(IkeSa& newer) {
    auto& peer = *newer.peer;
    if (newer.session->nat().told) {
        peer.speaks_of_nat = true;
        peer.nat_doubted = false;
        return true;
    }
    for (auto old = peer.sas.rbegin(); old != peer.sas.rend(); ++old) {
        const IkeSa& before = **old;
        if (&before == &newer || before.over() || !before.established() ||
            before.local().address != newer.local().address ||
            before.remote().address != newer.remote().address) {
            continue;
        }
        if (const auto found = before.session->nat(); found.any()) {
            newer.session->assume_nat(found);
            if (newer.initiator()) {
                newer.session->move(before.session->place());
            }
        }
        break;
    }
    const bool expected =
        peer.speaks_of_nat || (newer.local().address.is_private() && !newer.remote().address.is_private());
    // Only who began can change to port 4500 through a NAT (RFC 3947 4).
    return !expected || !newer.initiator() || std::exchange(peer.nat_doubted, true);
}

/// A tunnel that nothing carries waits for an answer under this SA.
bool Engine::Impl::holds_up_a_tunnel(const IkeSa& sa) {
    return sa.peer != nullptr && std::ranges::any_of(sa.session->own_negotiations(), [&](sa::ReqId reqid) {
               const auto* tunnel = tunnel_of(*sa.peer, reqid);
               return tunnel != nullptr && tunnel->carrier() == nullptr;
           });
}

/// What the peer was asked under an SA that it may have forgotten is asked again under the newest one.
void Engine::Impl::ask_again(IkeSa& newest) {
    for (auto* other : newest.peer->sas) {
        if (other != &newest) {
            still_due(*other);
            other->session->drop_own_negotiations();
        }
    }
}

/// The peer has just proved that it is at `sa.remote()`: the other ISAKMP SAs with it are there as well. One of
/// them may have to serve, when it is the only one that both ends still have.
void Engine::Impl::bring_ike_sas(const IkeSa& sa) {
    for (auto* other : sa.peer->sas) {
        if (other != &sa && !other->over() && other->established() &&
            other->local().port == sa.local().port) {
            other->session->move(sa.session->place());
        }
    }
}

/// The peer has just proved, in Phase 1, that it is at `sa.remote()`: what was made elsewhere is sent there,
/// too.
void Engine::Impl::move_children_to(IkeSa& sa) {
    bring_ike_sas(sa);
    for (auto& tunnel : sa.peer->tunnels) {
        perform(*sa.peer, *tunnel, tunnel->sas.bring_to(sa.local(), sa.remote()));
        if (const auto* carrier = tunnel->carrier();
            carrier != nullptr && carrier->pair->encapsulation == sa::Encapsulation::none &&
            sa.session->nat().any()) {
            // A NAT that was not known of: ESP goes in UDP from now on.
            tunnel->retries.renew_at(sa.initiator() ? std::nullopt
                                                    : std::optional(now_ + limits::let_peer_call));
        }
    }
}

/// RFC 2407 4.6.3.3: the peer has no other SA with us, so what is older than this one is a memory of ours
/// only.
void Engine::Impl::initial_contact(IkeSa& sa) {
    auto& peer = *sa.peer;
    bool dropped = false;
    bool kept = false;
    // Both ends may call at once and say so both: what was established while this exchange ran is none of the
    // past.
    for (auto* other : peer.sas) {
        if (other != &sa && !other->over() && other->life.is_older_than(sa.life.created())) {
            if (other->established() && other->inquiry().last_heard() >= sa.life.created()) {
                // It has spoken under it since, so it has it: what was begun there may end there.
                other->life.replaced(now_ + limits::disclaimed_grace);
                continue;
            }
            if (other->established()) {
                lose_ike_sa(*other, fresh_start, Tell::nobody);
            }
            other->end();
            dropped = true;
        }
    }
    for (auto& tunnel : peer.tunnels) {
        auto answer = tunnel->sas.disclaim(sa.remote().address, sa.life.created(), now_);
        kept = kept || answer.kept;
        dropped = dropped || answer.dropped;
        perform(peer, *tunnel, std::move(answer.changes));
        // It may have just come back and be about to ask for its tunnels itself.
        if (answer.lost) {
            tunnel->retries.try_at(now_ + limits::retry_first);
        } else if (answer.renew) {
            tunnel->retries.renew_at(now_ + limits::retry_first);
        }
    }
    if (dropped || kept) {
        report(EventCode::initial_contact, peer.name,
               {{"remote_id", sa.session->remote_id()},
                {"next", kept ? fmt::format("its older SAs are replaced, and dropped in {:.0f} s",
                                            seconds_of(limits::disclaimed_grace))
                              : "its older SAs are dropped"}});
    }
}

void Engine::Impl::on(IkeSa& sa, session::InitialContact&&) {
    initial_contact(sa);
}

}  // namespace causeway::ike
