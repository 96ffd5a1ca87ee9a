// Informational exchanges (RFC 2409 5.7, RFC 2408 4.8): notifications and deletes, as they arrive.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "ike/limits.hpp"
#include "ike/v1/notifications.hpp"
#include "ike/v1/session.hpp"
#include "negotiation/lifetime.hpp"
#include "negotiation/phase1.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike::v1 {

using isakmp::NotifyType;
using isakmp::Payload;
using isakmp::PayloadType;

/// Not proved. What the peer says of the keys it may say of anything else as well; but it is most likely.
Finding Session::said_in_clear(NotifyType type) const {
    const auto notify = field<"notify">(std::string(name_of(type)));
    const auto& config = *owner_.peer();
    switch (type) {
        case NotifyType::no_proposal_chosen: {
            if (spi_r() != isakmp::Cookie{}) {
                return finding<FindingId::peer_refuses_mode_or_proposal>(
                    config.place, notify, field<"candidates">("mode-mismatch no-common-suite id-differs"));
            }
            const auto offer = isakmp::decode_sa(phase1_.offer());
            return finding<FindingId::peer_accepts_none>(
                config.proposals_place, notify,
                field<"offered">(offer ? negotiation::describe_phase1_offer(*offer) : std::string{}),
                field<"local">(local().address.text()),
                field<"candidates">("no-common-suite unknown-peer mode-mismatch ike-version-differs"));
        }
        case NotifyType::invalid_key_information:
            // charon's answer to message 3 when it finds no secret for the two ends.
            return phase1_.refusable() ? finding<FindingId::peer_says_in_clear>(notify)
                                       : finding<FindingId::peer_has_no_key>(
                                             config.place, notify, field<"local">(local().address.text()));
        case NotifyType::authentication_failed:
            if (mode() == config::ExchangeMode::aggressive && spi_r() == isakmp::Cookie{}) {
                return finding<FindingId::peer_refuses_aggressive_mode>(
                    config.place, notify, field<"candidates">("mode-mismatch aggressive-refused"));
            }
            [[fallthrough]];
        case NotifyType::payload_malformed:
        case NotifyType::invalid_hash_information:
            return finding<FindingId::peer_says_keys_differ>(config.pre_shared_key_place, notify);
        default:
            return finding<FindingId::peer_says_in_clear>(notify);
    }
}

void Session::informational(const Datagram& datagram, const Message& message) {
    if (refused_in_phase1(datagram, message)) {
        return;
    }
    if (done() == nullptr) {
        return ignore(datagram.remote, "an Informational before Phase 1 is done");
    }
    const bool first = !inquiry().proven();
    const auto payloads = first ? open_early_informational(*done()->keys, done()->last_block, message)
                                : open_informational(*done()->keys, done()->last_block, message);
    if (!payloads) {
        return tell(session::Unreadable{datagram.remote, payloads.error()});
    }
    if (const auto type = first ? identity_refused(*payloads) : std::nullopt) {
        return phase1_refused(*type, done()->local_id);
    }
    informational_under(datagram, message, *payloads);
}

// HASH(1) says who, not when. So a message id counts once in the life of the ISAKMP SA, and of what comes for
// the first time nobody knows for how long it was held back. It is a sign of life; where the peer is it tells
// only when it must have been made just now. Else the peer is asked there.
void Session::informational_under(const Datagram& datagram, const Message& message,
                                  const std::vector<Payload>& payloads) {
    const Bytes digest = digest_of(message.datagram);
    const auto newness = dpd_.newness(payloads);
    if (newness != Dpd::Newness::proved && (seen_.full() || seen_.contains(message.header.message_id))) {
        if (const auto* answer = dpd_.answer_to(digest)) {
            // The answer may have been lost: the same again, to where the peer is.
            return transmit(*answer);
        }
        return ignore(datagram.remote, "an Informational that was there before");
    }
    saw(message.header.message_id);
    if (newness != Dpd::Newness::old) {
        tell(session::Heard{});
    }
    if (newness == Dpd::Newness::proved) {
        follow(datagram);
    }
    for (const auto& payload : payloads) {
        if (owner_.over()) {
            return;  // what follows the SA's own DELETE has no SA to speak about (CVE-2023-38712)
        }
        if (payload.type == PayloadType::notification) {
            const auto notified = isakmp::decode_notification(payload.body);
            if (!notified) {
                tell(session::Unreadable{datagram.remote, notified.error()});
            } else if (notified->type == NotifyType::r_u_there) {
                answer_r_u_there(*notified, digest);
            } else {
                notification(*notified);
            }
        } else if (payload.type == PayloadType::delete_) {
            const auto deleted = isakmp::decode_delete(payload.body);
            if (!deleted) {
                tell(session::Unreadable{datagram.remote, deleted.error()});
            } else {
                deletion(*deleted);
            }
        }
    }
    if (!owner_.over() && newness == Dpd::Newness::unknown) {
        ask_there(datagram);
    }
}

void Session::clear_informational(const Datagram& datagram, const Message& message) {
    // Anybody can write this: it ends nothing (facts: NO-PROPOSAL-CHOSEN, INVALID-COOKIE, deletes). At most
    // it makes us look.
    tell(session::InClear{});
    for (const auto& payload : message.payloads) {
        const auto notified = notification_in(payload);
        if (!notified) {
            continue;
        }
        report(EventCode::clear_notify, peer_name(),
               {{"remote", datagram.remote.text()}, {"notify", name_of(notified->type)}});
        if (notified->type == NotifyType::invalid_cookie && inquiry().possible()) {
            tell(session::Disowned{});
        }
        if (!established() && owner_.peer() != nullptr) {
            if (notified->type == NotifyType::no_proposal_chosen) {
                set_offer_refused();
            }
            const auto said = said_in_clear(notified->type);
            set_hint(said);
            tell(session::RefusedInClear{said});
            const bool soon =
                owner_.our_end_has_just_changed() || (offer_refused() && owner_.another_group_left());
            if (soon && retransmission_) {
                retransmission_->postpone_to(std::max(now(), since_ + limits::own_change_retry));
            }
        }
        if (notified->type == NotifyType::invalid_hash_information ||
            notified->type == NotifyType::authentication_failed) {
            proof_disliked(datagram.remote, std::string(name_of(notified->type)));
        }
        break;
    }
    if (established()) {
        tell(session::Doubted{});
    }
}

void Session::notification(const isakmp::Notification& notified) {
    switch (notified.type) {
        case NotifyType::r_u_there_ack:
            return r_u_there_answered(notified);
        case NotifyType::responder_lifetime: {
            const auto attributes = isakmp::decode_attributes(notified.data);
            return notified.protocol == isakmp::Protocol::isakmp && attributes
                       ? tell(session::LifetimeAsked{negotiation::lifetime_of_phase1({0, 0, *attributes})})
                       : void();
        }
        case NotifyType::initial_contact:
            return tell(session::InitialContact{});
        default:
            break;
    }
    if (const auto spi = unknown_spi(notified)) {
        tell(session::SpiUnknown{*spi});
    }
    report(EventCode::notify_received, peer_name(),
           {{"remote", remote().text()}, {"notify", name_of(notified.type)}});
    // RFC 2408 3.14.1: from 16384 on it is no error.
    if (static_cast<std::uint16_t>(notified.type) < 16384 && notified.type != NotifyType::invalid_spi) {
        error_notified(notified);
    }
}

void Session::deletion(const isakmp::Delete& payload) {
    if (payload.protocol == isakmp::Protocol::isakmp) {
        return tell(session::SessionsDeleted{payload.spis});
    }
    if (payload.protocol != isakmp::Protocol::esp) {
        return;
    }
    session::ChildrenDeleted deleted;
    for (const auto& octets : payload.spis) {
        if (octets.size() == 4) {
            deleted.spis.push_back(negotiation::spi_number(octets));
        }
    }
    tell(std::move(deleted));
}

}  // namespace causeway::ike::v1
