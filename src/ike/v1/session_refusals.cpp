// The peer says no: to which exchange, and what that means. Errors name an SPI or none (RFC 2408 3.14), and come where
// another message was awaited.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "ike/v1/notifications.hpp"
#include "ike/v1/session.hpp"
#include "negotiation/phase2.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike::v1 {

using isakmp::NotifyType;
using session::Refused;
namespace quick = quick_mode;

namespace {

/// RFC 2408 3.14.1: below are errors.
constexpr std::uint16_t first_status_type = 16384;

/// The first error that is notified.
std::optional<NotifyType> error_in(const std::vector<isakmp::Payload>& payloads) {
    for (const auto& payload : payloads) {
        const auto notified = notification_in(payload);
        if (notified && static_cast<std::uint16_t>(notified->type) < first_status_type) {
            return notified->type;
        }
    }
    return std::nullopt;
}

/// Errors about a message that could not be read, not about what it says.
bool is_about_form(NotifyType type) {
    switch (type) {
        case NotifyType::no_proposal_chosen:
        case NotifyType::invalid_id_information:
        case NotifyType::invalid_key_information:
        case NotifyType::attributes_not_supported:
        case NotifyType::bad_proposal_syntax:
        case NotifyType::invalid_transform_id:
        case NotifyType::situation_not_supported:
            return false;
        default:
            return true;
    }
}

/// An error that the peer sends about a Quick Mode.
Finding refusal_of(const Exchange& exchange, NotifyType type) {
    const auto notify = field<"notify">(std::string(name_of(type)));
    if (!exchange.ours()) {
        const auto* replied = std::get_if<quick::Replied>(exchange.state());
        return replied == nullptr ? finding<FindingId::peer_says>(notify)
                                  : finding<FindingId::peer_says_to_our_answer>(
                                        notify, field<"suite">(replied->agreement->choice.text()));
    }
    const auto* offered = std::get_if<quick::Offered>(exchange.state());
    if (offered == nullptr) {
        return finding<FindingId::peer_says>(notify);
    }
    const auto& config = *offered->progress.tunnel;
    switch (type) {
        case NotifyType::no_proposal_chosen:
            return finding<FindingId::peer_accepts_no_suite>(
                config.proposals_place, notify,
                field<"offered">(
                    negotiation::list_of(negotiation::offered_with(config.proposals, offered->progress.pfs))),
                field<"place">(config.proposals_place.text()),
                field<"candidates">("no-common-suite pfs-one-side pfs-group-differs"));
        case NotifyType::invalid_id_information:
            return finding<FindingId::peer_knows_no_networks>(
                config.place, notify, field<"local">(config.local.text()),
                field<"remote">(config.remote.text()), field<"place">(config.place.text()),
                field<"candidates">("phase2-networks-swapped phase2-mask-differs phase2-network-one-side "
                                    "encapsulation-differs"));
        default:
            return finding<FindingId::peer_says>(notify);
    }
}

}  // namespace

// Instead of message 6, or of message 3 of Aggressive Mode: the peer refuses us. Under our keys it is
// certain; under others it is what a peer sends that could not read our message.
bool Session::refused_in_phase1(const Datagram& datagram, const Message& message) {
    const auto refusable = phase1_.refusable();
    if (!refusable) {
        return false;
    }
    const auto payloads = open_early_informational(*refusable->keys, refusable->block, message);
    if (!payloads) {
        if (initiator() && std::exchange(refused_unreadably_, true)) {
            keys_differ();
        } else {
            proof_disliked(datagram.remote, "something that our key does not open");
        }
        ignore(datagram.remote, "an Informational that our keys do not open");
        return true;
    }
    if (const auto type = error_in(*payloads)) {
        phase1_refused(*type, refusable->our_identity);
    }
    return true;
}

/// A caller in Aggressive Mode has our proof in message 2, and its own would be in message 3.
void Session::proof_disliked(const Endpoint& from, const std::string& what) {
    const auto caller = unproved();
    if (!caller) {
        return;
    }
    const auto& key = progress().peer->pre_shared_key_place;
    const std::string evidence = "instead of message 3 it sends " + what;
    tell(session::Said{{EventCode::phase1_wrong_psk,
                        caller->peer,
                        {{"remote", remote().text()}, {"evidence", evidence}, {"place", key.text()}}},
                       from});
    tell(session::CallerRefused{from, caller->peer,
                                finding<FindingId::keys_differ_by>(key, field<"evidence">(evidence))});
}

/// One that we cannot read may be what the peer says under the new SA, whose message 6 is lost: then that
/// comes when message 5 is repeated.
void Session::keys_differ() {
    if (hint()) {
        return;
    }
    const auto& key = owner_.peer()->pre_shared_key_place;
    set_hint(finding<FindingId::keys_differ>(key));
    report(EventCode::phase1_wrong_psk, peer_name(),
           {{"remote", remote().text()},
            {"evidence", "instead of message 6 it sends something that our key does not open"},
            {"place", key.text()}});
}

/// Our last message of Phase 1 was the answer to its last one, and it does not like who we are. Errors about
/// anything else have a Quick Mode that they are about.
std::optional<NotifyType> Session::identity_refused(const std::vector<isakmp::Payload>& payloads) const {
    const auto notified = error_in(payloads);
    if (!notified || initiator()) {
        return std::nullopt;
    }
    const bool of_phase1 = *notified == NotifyType::invalid_id_information ||
                           *notified == NotifyType::authentication_failed ||
                           *notified == NotifyType::invalid_hash_information;
    return of_phase1 && !exchanges_.any_can_be_refused() ? notified : std::nullopt;
}

void Session::phase1_refused(NotifyType type, const config::Identity& our_identity) {
    const auto* peer = owner_.peer() != nullptr ? owner_.peer() : progress().peer;
    tell(session::IdentityRefused{peer->name, finding<FindingId::our_identity_refused>(
                                                  peer->local_id ? peer->local_id->place : causeway::Place{},
                                                  field<"notify">(std::string(name_of(type))),
                                                  field<"identity">(our_identity.text_with_type()),
                                                  field<"mode">(std::string(config::name_of(mode()))),
                                                  field<"candidates">("id-differs mode-mismatch"))});
}

// RFC 2408 3.14: an error names the SPI that was offered, ours or, after our answer, the peer's own. Peers
// that name none mean the only Quick Mode that waits for an answer.
Exchange* Session::refused_exchange(const isakmp::Notification& notified) {
    const auto waiting = exchanges_.waiting(notified.spi);
    // What names a pair that is in use is about that one.
    return waiting.only != nullptr && !owner_.has_pair_with(notified.spi) ? waiting.only : waiting.named;
}

void Session::error_notified(const isakmp::Notification& notified) {
    const auto confirmed = confirmed_exchanges(notified);
    auto* exchange = refused_exchange(notified);
    if (!confirmed.exchanges.empty() && (confirmed.certain || exchange == nullptr)) {
        return confirmation_refused(confirmed, notified.type);
    }
    if (exchange != nullptr) {
        const bool networks = notified.type == NotifyType::invalid_id_information;
        return quick_failed(*exchange, refusal_of(*exchange, notified.type),
                            networks ? Refused::networks : Refused::proposal);
    }
    if (exchanges_.unfinished() != 0) {
        tell(session::Erred{
            finding<FindingId::peer_says>(field<"notify">(std::string(name_of(notified.type))))});
    }
}

// ---- behind our message 2 or 3: the peer cannot read it, or cannot use what was agreed ----------------------------

/// RFC 2408 3.14: the SPI says which one. Without it an error about a form is about one of our latest
/// messages 2 and 3, whose exchange a peer may have forgotten; message 1 needs no memory.
Session::Confirmed Session::confirmed_exchanges(const isakmp::Notification& notified) {
    Confirmed found;
    const bool about_form = is_about_form(notified.type) && notified.spi.size() != 4;
    for (std::size_t i = 0; i < exchanges_.size(); ++i) {
        auto& exchange = exchanges_.at(i);
        if (about_form && exchange.message_2_is_judged(now())) {
            found.exchanges.push_back(&exchange);
            continue;
        }
        const auto made =
            exchange.made() && exchange.has_sent_message_3() ? owner_.child(*exchange.made()) : std::nullopt;
        if (!made || made->carries) {
            continue;
        }
        if (notified.spi == negotiation::spi_octets(made->spi_in) ||
            notified.spi == negotiation::spi_octets(made->spi_out)) {
            return {{&exchange}, true};
        }
        if (exchange.message_3_is_judged(now())) {
            found.exchanges.push_back(&exchange);
        }
    }
    found.certain = !found.exchanges.empty() && about_form;
    return found;
}

/// The peer does not have one of these pairs. With one alone its Quick Mode has failed; of several each may
/// be good, and so may one whose message 3 was repeated: all stay and are made anew. What the peer has begun
/// ends in any case: it comes again if the peer wants it, and message 2 would go on to draw errors.
void Session::confirmation_refused(const Confirmed& confirmed, NotifyType type) {
    const auto why =
        finding<FindingId::peer_says_to_last_message>(field<"notify">(std::string(name_of(type))));
    if (confirmed.exchanges.size() == 1 && !confirmed.exchanges.front()->in_doubt()) {
        auto& exchange = *confirmed.exchanges.front();
        return quick_failed(exchange, exchange.ours() ? why : refusal_of(exchange, type),
                            Refused::confirmation);
    }
    for (auto* exchange : confirmed.exchanges) {
        if (!exchange->ours()) {
            quick_failed(*exchange, refusal_of(*exchange, type), Refused::confirmation);
        }
    }
    tell(session::Erred{why});
    for (auto* exchange : confirmed.exchanges) {
        exchange->doubt();
        if (exchange->ours()) {
            tell(session::ChildInDoubt{*exchange->made(), why});
        }
    }
    tell(session::Idle{});
}

}  // namespace causeway::ike::v1
