// What the peer says that it has no more.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "ike/engine/impl.hpp"
#include "negotiation/peer.hpp"

namespace causeway::ike {

void Engine::Impl::on(IkeSa& sa, session::SpiUnknown&& unknown) {
    named_unknown(*sa.peer, unknown.spi);
}

void Engine::Impl::on(IkeSa& sa, session::SessionsDeleted&& deleted) {
    auto& peer = *sa.peer;
    const Loss loss{finding<FindingId::peer_deleted>(),
                    finding<FindingId::deletes_each_isakmp_sa>(field<"count">({}))};
    for (const auto& spis : deleted.spis) {
        for (auto* other : peer.sas) {
            if (!other->over() && other->established() && other->session->spis() == spis) {
                notice_identity_disliked(*other);
                lose_ike_sa(*other, loss, Tell::nobody);
            }
        }
    }
    // RFC 2408 3.15: Phase 2 SAs live on. Who keeps a tunnel up makes a new Phase 1.
    auto* left = usable_sa(peer);
    if (left == nullptr) {
        peer.attempts.try_soon(now_, random_);
    }
    if (left != nullptr && left->unproven() && left->inquiry().possible() &&
        left->inquiry().unanswered() == 0) {
        left->session->ask_alive();
    }
}

/// A caller hears who we are in the last message of Phase 1; one that does not like that may say nothing but a delete
/// (charon does).
void Engine::Impl::notice_identity_disliked(const IkeSa& sa) {
    auto& peer = *sa.peer;
    const bool carries = std::ranges::any_of(peer.tunnels, [&](const auto& tunnel) {
        return std::ranges::any_of(tunnel->sas.all(),
                                   [&](const ChildSa& child) { return child.made_under == sa.number; });
    });
    if (sa.initiator() || carries || sa.session->negotiations() != 0 ||
        *sa.life.established() + limits::identity_disliked_within < now_) {
        return;
    }
    const auto why = finding<FindingId::deleted_after_identity>(
        peer.config->local_id ? peer.config->local_id->place : peer.config->place,
        field<"identity">(negotiation::own_identity(*peer.config, sa.local().address).text_with_type()),
        field<"candidates">("id-differs mode-mismatch"));
    peer.trouble.erred(why, now_);
    explain_down(peer, why);
    if (peer.remarks.see(why, now_) == Remarks::News::yes) {
        report(EventCode::finding_seen, peer.name, {{"text", why.sentence()}});
    }
}

void Engine::Impl::on(IkeSa& sa, session::ChildrenDeleted&& deleted) {
    auto& peer = *sa.peer;
    const Loss loss{finding<FindingId::peer_deleted>(),
                    finding<FindingId::deletes_each_sa>(field<"count">({}))};
    for (const auto spi : deleted.spis) {
        for (auto& tunnel : peer.tunnels) {
            // The sender's inbound SPI is our outbound one; Cisco names ours instead.
            if (const auto* child = tunnel->sas.with_spi(spi); child != nullptr) {
                perform(peer, *tunnel,
                        tunnel->sas.lose(child->pair->id, loss, child::Cause::closed, ChildSas::Tell::nobody,
                                         now_));
                break;
            }
        }
    }
    pursue(peer);
}

/// The peer has shown that it does not know what it disclaimed: all of a tunnel, or what it names.
void Engine::Impl::drop_disclaimed(Peer& peer, Tunnel& tunnel, std::optional<std::uint32_t> spi) {
    const bool carried = tunnel.carrier() != nullptr;
    perform(peer, tunnel, tunnel.sas.drop_disclaimed(spi, now_));
    if (carried && tunnel.carrier() == nullptr) {
        tunnel.retries.try_at(std::nullopt);
        pursue(peer);
    }
}

/// The peer names an SPI that it does not know, perhaps in clear: of use only for what would go in some seconds anyway.
void Engine::Impl::named_unknown(Peer& peer, std::uint32_t spi) {
    for (auto& tunnel : peer.tunnels) {
        drop_disclaimed(peer, *tunnel, spi);
    }
}

}  // namespace causeway::ike
