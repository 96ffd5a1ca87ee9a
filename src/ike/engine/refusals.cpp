// What follows when a peer says no: to which exchange it was, what is offered next, and when it may be
// Phase 1 that is at fault.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ike/engine/impl.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike {

using isakmp::NotifyType;
namespace quick = v1::quick_mode;
using Answer = OfferedGroups::Answer;

namespace {

/// Refusals of one tunnel, one after the other, before Phase 1 is doubted.
constexpr unsigned phase1_anew_after = 2;

/// RFC 2408 3.14.1: below are errors.
constexpr std::uint16_t first_status_type = 16384;

/// The first error that is notified.
std::optional<NotifyType> error_in(const std::vector<isakmp::Payload>& payloads) {
    for (const auto& payload : payloads) {
        const auto notified = payload.type == isakmp::PayloadType::notification
                                  ? isakmp::decode_notification(payload.body)
                                  : Result<isakmp::Notification>(fail(Errc::malformed, "no notification"));
        if (notified && static_cast<std::uint16_t>(notified->type) < first_status_type) {
            return notified->type;
        }
    }
    return std::nullopt;
}

bool names_esp_spi(const isakmp::Notification& notified, std::uint32_t spi) {
    return spi != 0 && notified.spi == negotiation::spi_octets(spi);
}

}  // namespace

// Instead of message 6, or of message 3 of Aggressive Mode: the peer refuses us. Under our keys it is
// certain; under others it is what a peer sends that could not read our message.
bool Engine::Impl::refused_in_phase1(IkeSa& sa, const Datagram& datagram, const v1::Message& message) {
    const auto* main = std::get_if<v1::main_mode::AuthSent>(&sa.phase);
    const auto* aggressive = std::get_if<v1::aggressive_mode::Replied>(&sa.phase);
    if (main == nullptr && aggressive == nullptr) {
        return false;
    }
    const auto& keys = main != nullptr ? *main->keys : *aggressive->keys;
    const Bytes block = main != nullptr ? main->iv : v1::first_iv(aggressive->progress);
    const auto payloads = v1::open_early_informational(keys, block, message);
    if (!payloads) {
        if (main != nullptr && std::exchange(sa.refused_unreadably, true)) {
            keys_differ(sa);
        }
        report_ignored(datagram.remote, "an Informational that our keys do not open");
        return true;
    }
    if (const auto type = error_in(*payloads)) {
        phase1_refused(sa, *type, main != nullptr ? main->local_id : aggressive->local_id);
    }
    return true;
}

/// One that we cannot read may be what the peer says under the new SA, whose message 6 is lost: then that
/// comes when message 5 is repeated.
void Engine::Impl::keys_differ(IkeSa& sa) {
    if (sa.hint) {
        return;
    }
    sa.hint = finding<FindingId::keys_differ>(sa.peer->config->pre_shared_key_place);
    report(EventCode::phase1_wrong_psk, sa.peer->name,
           {{"remote", sa.remote.text()},
            {"evidence", "instead of message 6 it sends something that our key does not open"},
            {"place", sa.peer->config->pre_shared_key_place.text()}});
}

/// Our last message of Phase 1 was the answer to its last one, and it does not like who we are. Errors about
/// anything else have a Quick Mode that they are about.
std::optional<NotifyType> Engine::Impl::identity_refused(const IkeSa& sa,
                                                         const std::vector<isakmp::Payload>& payloads) {
    const auto notified = error_in(payloads);
    if (!notified || sa.initiator) {
        return std::nullopt;
    }
    const bool of_phase1 = *notified == NotifyType::invalid_id_information ||
                           *notified == NotifyType::authentication_failed ||
                           *notified == NotifyType::invalid_hash_information;
    const bool waiting = std::ranges::any_of(
        sa.exchanges, [](const auto& one) { return !one->finished || one->confirmed_at; });
    return of_phase1 && !waiting ? notified : std::nullopt;
}

void Engine::Impl::phase1_refused(IkeSa& sa, NotifyType type, const config::Identity& our_identity) {
    auto* peer = sa.peer != nullptr ? sa.peer : find_peer(sa.progress().peer->name);
    const auto why = finding<FindingId::our_identity_refused>(
        peer != nullptr && peer->config->local_id ? peer->config->local_id->place : causeway::Place{},
        field<"notify">(std::string(name_of(type))), field<"identity">(our_identity.text_with_type()));
    report(EventCode::phase1_failed, peer != nullptr ? peer->name : std::string{},
           {{"remote", sa.remote.text()},
            {"why", why.sentence()},
            {"next", "compare the identities at both ends"}});
    if (peer != nullptr) {
        peer->refusal = why;
    }
    if (sa.initiator || peer == nullptr) {
        return phase1_failed(sa, why);
    }
    remember_error(*peer, why);
    explain_down(*peer, why);
    if (!peer->next_attempt) {
        peer->next_attempt = now_ + jittered(limits::retry_first, 250);
    }
    close_ike_sa(sa, why, false);
}

// RFC 2408 3.14: an error names the SPI that was offered, ours or, after our answer, the peer's own. Peers
// that name none mean the only Quick Mode that waits for an answer.
Exchange* Engine::Impl::refused_exchange(IkeSa& sa, const isakmp::Notification& notified) const {
    Exchange* only = nullptr;
    std::size_t count = 0;
    for (auto& exchange : sa.exchanges) {
        if (exchange->finished) {
            continue;
        }
        std::uint32_t ours = 0;
        std::uint32_t theirs = 0;
        if (const auto* offered = std::get_if<quick::Offered>(&exchange->state)) {
            ours = offered->progress.own_spi;
        } else if (const auto* replied = std::get_if<quick::Replied>(&exchange->state)) {
            ours = replied->progress.own_spi;
            theirs = replied->agreement->choice.spi;
        } else {
            continue;  // nothing of ours waits for an answer
        }
        if (names_esp_spi(notified, ours) || names_esp_spi(notified, theirs)) {
            return exchange.get();
        }
        only = exchange.get();
        ++count;
    }
    // What names a pair that is in use is about that one.
    const bool of_a_pair = std::ranges::any_of(sa.peer->tunnels, [&](const auto& tunnel) {
        return std::ranges::any_of(tunnel->sas.all(), [&](const ChildSa& child) {
            return names_esp_spi(notified, child.pair->inbound.spi) ||
                   names_esp_spi(notified, child.pair->outbound.spi);
        });
    });
    return count == 1 && !of_a_pair ? only : nullptr;
}

/// An error that the peer sends about a Quick Mode.
Finding Engine::Impl::refusal_of(const Peer& peer, const Exchange& exchange, NotifyType type) {
    const auto notify = field<"notify">(std::string(name_of(type)));
    if (!exchange.initiator) {
        const auto* replied = std::get_if<quick::Replied>(&exchange.state);
        return replied == nullptr ? finding<FindingId::peer_says>(notify)
                                  : finding<FindingId::peer_says_to_our_answer>(
                                        notify, field<"suite">(replied->agreement->choice.text()));
    }
    const auto* tunnel = tunnel_of(peer, exchange.tunnel);
    const auto* offered = std::get_if<quick::Offered>(&exchange.state);
    if (tunnel == nullptr || offered == nullptr) {
        return finding<FindingId::peer_says>(notify);
    }
    const auto& config = *tunnel->config;
    switch (type) {
        case NotifyType::no_proposal_chosen:
            return finding<FindingId::peer_accepts_no_suite>(
                config.proposals_place, notify,
                field<"offered">(
                    negotiation::list_of(negotiation::offered_with(config.proposals, offered->progress.pfs))),
                field<"place">(config.proposals_place.text()));
        case NotifyType::invalid_id_information:
            return finding<FindingId::peer_knows_no_networks>(
                config.place, notify, field<"local">(config.local.text()),
                field<"remote">(config.remote.text()), field<"place">(config.place.text()));
        default:
            return finding<FindingId::peer_says>(notify);
    }
}

void Engine::Impl::error_notified(IkeSa& sa, const isakmp::Notification& notified) {
    auto& peer = *sa.peer;
    const auto confirmed = confirmed_exchanges(sa, notified);
    auto* exchange = refused_exchange(sa, notified);
    if (!confirmed.exchanges.empty() && (confirmed.certain || exchange == nullptr)) {
        return confirmation_refused(sa, confirmed, notified.type);
    }
    if (exchange != nullptr) {
        const bool networks = notified.type == NotifyType::invalid_id_information;
        return quick_failed(sa, *exchange, refusal_of(peer, *exchange, notified.type),
                            networks ? Refused::networks : Refused::proposal);
    }
    const bool waiting = std::ranges::any_of(sa.exchanges, [](const auto& one) { return !one->finished; });
    if (waiting) {
        remember_error(peer,
                       finding<FindingId::peer_says>(field<"notify">(std::string(name_of(notified.type)))));
    }
}

/// True: another group has not been refused in this round. What the error is about is none when it is about
/// the networks, or about a pair that both ends have made.
bool Engine::Impl::offer_next_group(Tunnel& tunnel, Refused refused) {
    if (refused == Refused::networks || refused == Refused::confirmation) {
        return false;
    }
    return tunnel.pfs.failed(refused == Refused::no ? Answer::silence : Answer::refused,
                             negotiation::offered_pfs(tunnel.config->proposals).size());
}

/// The same of Phase 1.
bool Engine::Impl::offer_next_group(Peer& peer, bool refused) {
    return peer.config->mode == config::ExchangeMode::aggressive &&
           peer.groups.failed(refused ? Answer::refused : Answer::silence,
                              negotiation::offered_groups(peer.config->proposals).size());
}

void Engine::Impl::group_agreed(Peer& peer, crypto::GroupId group) {
    const auto groups = negotiation::offered_groups(peer.config->proposals);
    if (const auto found = std::ranges::find(groups, group); found != groups.end()) {
        peer.groups.agreed(static_cast<std::size_t>(found - groups.begin()));
    }
}

/// Another group of ours has not been refused in this round of Aggressive Modes.
bool Engine::Impl::another_group_left(const Peer& peer) {
    return peer.config->mode == config::ExchangeMode::aggressive &&
           peer.groups.another_left(negotiation::offered_groups(peer.config->proposals).size());
}

// Perhaps it is Phase 1 that the two ends understood differently: whether there is a NAT is agreed there, and
// nothing authenticates it (RFC 3947 3.2). Another Phase 1 is made for that, once: it helps only if it finds
// something else, and where a tunnel has come up under this one both ends have found the same.
void Engine::Impl::doubt_phase1(IkeSa& sa, const Tunnel& tunnel) {
    auto& peer = *sa.peer;
    const auto& nat = sa.established()->progress.nat;
    const NatFinding found{sa.local.address, sa.remote.address, nat.local, nat.remote};
    const bool carried = std::ranges::any_of(peer.tunnels, [&](const auto& one) {
        return one->carrier() != nullptr && one->carrier()->made_under == sa.number;
    });
    if (tunnel.retries.failures() < phase1_anew_after || carried || peer.nat_blamed == found) {
        return;
    }
    peer.nat_blamed = found;
    if (tunnel.carrier() != nullptr && sa.rekey_at) {
        sa.rekey_at = now_;  // an older pair carries: make before break
        return;
    }
    close_ike_sa(sa, finding<FindingId::refused_under_it>(), true);
    pursue(peer);
}

}  // namespace causeway::ike
