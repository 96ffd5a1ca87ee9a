// Informational exchanges: notifications, deletes and DPD, as they arrive and as we send them.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ike/engine/impl.hpp"
#include "negotiation/lifetime.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike {

using isakmp::NotifyType;
using isakmp::Payload;
using isakmp::PayloadType;

namespace {

/// What our message 1 offers.
std::string offered_words(const IkeSa& sa) {
    const auto offer = isakmp::decode_sa(sa.progress().sai_b);
    return offer ? negotiation::describe_phase1_offer(*offer) : std::string{};
}

/// Not proved. What the peer says of the keys it may say of anything else as well; but it is most likely.
Finding said_in_clear(const IkeSa& sa, NotifyType type) {
    const auto notify = field<"notify">(std::string(name_of(type)));
    const auto& config = *sa.peer->config;
    switch (type) {
        case NotifyType::no_proposal_chosen:
            return sa.cky_r == isakmp::Cookie{}
                       ? finding<FindingId::peer_accepts_none>(config.proposals_place, notify,
                                                               field<"offered">(offered_words(sa)),
                                                               field<"local">(sa.local.address.text()))
                       : finding<FindingId::peer_refuses_mode_or_proposal>(config.place, notify);
        case NotifyType::payload_malformed:
        case NotifyType::authentication_failed:
        case NotifyType::invalid_hash_information:
            return finding<FindingId::peer_says_keys_differ>(config.pre_shared_key_place, notify);
        default:
            return finding<FindingId::peer_says>(notify);
    }
}

}  // namespace

void Engine::Impl::informational(IkeSa& sa, const Datagram& datagram, const v1::Message& message) {
    if (refused_in_phase1(sa, datagram, message)) {
        return;
    }
    const auto* done = sa.established();
    if (done == nullptr) {
        return report_ignored(datagram.remote, "an Informational before Phase 1 is done");
    }
    const bool first = sa.unproven();
    auto payloads = first ? v1::open_early_informational(*done->keys, done->last_block, message)
                          : v1::open_informational(*done->keys, done->last_block, message);
    if (!payloads) {
        return cannot_read(datagram.remote, payloads.error());
    }
    if (const auto type = first ? identity_refused(sa, *payloads) : std::nullopt) {
        return phase1_refused(sa, *type, done->local_id);
    }
    informational_under(sa, datagram, message, *payloads);
}

// HASH(1) says who, not when. So a message id counts once in the life of the ISAKMP SA, and of what comes for
// the first time nobody knows for how long it was held back. It is a sign of life; where the peer is it tells
// only when it must have been made just now. Else the peer is asked there.
void Engine::Impl::informational_under(IkeSa& sa, const Datagram& datagram, const v1::Message& message,
                                       const std::vector<Payload>& payloads) {
    const Bytes digest = digest_of(message.datagram);
    const Newness newness = Impl::newness(sa, payloads);
    if (newness != Newness::proved && (sa.seen.full() || sa.seen.contains(message.header.message_id))) {
        if (sa.dpd.answered && sa.dpd.answered->request_digest == digest) {
            // The answer may have been lost: the same again, to where the peer is.
            return transmit(sa, sa.dpd.answered->reply);
        }
        return report_ignored(datagram.remote, "an Informational that was there before");
    }
    if (sa.seen.add(message.header.message_id)) {
        renew_when_worn_out(sa, sa.seen.size(), limits::remembered_message_ids);
    }
    if (newness != Newness::old) {
        heard(sa);
    }
    if (newness == Newness::proved) {
        follow(sa, datagram);
    }
    for (const auto& payload : payloads) {
        if (sa.dead) {
            return;  // what follows the SA's own DELETE has no SA to speak about (CVE-2023-38712)
        }
        if (payload.type == PayloadType::notification) {
            const auto notified = isakmp::decode_notification(payload.body);
            if (!notified) {
                cannot_read(datagram.remote, notified.error());
            } else if (notified->type == NotifyType::r_u_there) {
                answer_r_u_there(sa, *notified, digest);
            } else {
                notification(sa, *notified);
            }
        } else if (payload.type == PayloadType::delete_) {
            const auto deleted = isakmp::decode_delete(payload.body);
            if (!deleted) {
                cannot_read(datagram.remote, deleted.error());
            } else {
                deletion(sa, *deleted);
            }
        }
    }
    if (!sa.dead && newness == Newness::unknown) {
        ask_there(sa, datagram);
    }
}

// RFC 3706 5.4: the sequence numbers show what is old, and what is new: a number greater than all before, and
// the answer to a question that has none. They may begin anywhere and pass 2^32 (RFC 1982).
Engine::Impl::Newness Engine::Impl::newness(const IkeSa& sa, const std::vector<Payload>& payloads) {
    for (const auto& payload : payloads) {
        const auto notified = payload.type == PayloadType::notification
                                  ? isakmp::decode_notification(payload.body)
                                  : Result<isakmp::Notification>(fail(Errc::malformed, "no notification"));
        if (!notified || notified->data.size() != 4) {
            continue;
        }
        const std::uint32_t number = negotiation::spi_number(notified->data);
        if (notified->type == NotifyType::r_u_there) {
            const auto ahead = static_cast<std::int32_t>(number - sa.dpd.asked_by_peer.value_or(number - 1));
            return ahead > 0 ? Newness::proved : ahead < 0 ? Newness::old : Newness::unknown;
        }
        if (notified->type == NotifyType::r_u_there_ack) {
            return number != sa.dpd.sequence ? Newness::old
                   : sa.dpd.awaited          ? Newness::proved
                                             : Newness::unknown;
        }
    }
    return Newness::unknown;
}

// RFC 3706 5.3: the answer repeats the sequence number, whatever it is.
void Engine::Impl::answer_r_u_there(IkeSa& sa, const isakmp::Notification& question, Bytes digest) {
    if (question.data.size() == 4) {
        const std::uint32_t number = negotiation::spi_number(question.data);
        if (!sa.dpd.asked_by_peer || static_cast<std::int32_t>(number - *sa.dpd.asked_by_peer) > 0) {
            sa.dpd.asked_by_peer = number;
        }
    }
    Bytes cookies;
    append(cookies, sa.cky_i);
    append(cookies, sa.cky_r);
    const isakmp::Notification answer{isakmp::doi_ipsec, isakmp::Protocol::isakmp, std::move(cookies),
                                      NotifyType::r_u_there_ack, question.data};
    const std::vector<Payload> payloads{{PayloadType::notification, isakmp::encode(answer)}};
    const auto* done = sa.established();
    if (auto datagram = v1::make_informational(*done->keys, done->last_block, sa.cky_i, sa.cky_r,
                                               sa.message_ids.next(), payloads)) {
        sa.dpd.answered = Answered{std::move(digest), *datagram};
        transmit(sa, std::move(*datagram));
    }
}

void Engine::Impl::clear_informational(IkeSa* sa, const Datagram& datagram, const v1::Message& message) {
    // Anybody can write this: it ends nothing (facts: NO-PROPOSAL-CHOSEN, INVALID-COOKIE, deletes). At most
    // it makes us look.
    ++messages_ignored_;
    for (const auto& payload : message.payloads) {
        if (payload.type != PayloadType::notification) {
            continue;
        }
        const auto notified = isakmp::decode_notification(payload.body);
        if (!notified) {
            continue;
        }
        report(EventCode::clear_notify, sa != nullptr && sa->peer != nullptr ? sa->peer->name : std::string{},
               {{"remote", datagram.remote.text()}, {"notify", name_of(notified->type)}});
        if (sa != nullptr && notified->type == NotifyType::invalid_cookie && sa->dpd.next) {
            sa->dpd.disowned = true;  // until it answers; where nothing can be asked, nothing is believed
            if (holds_up_a_tunnel(*sa)) {
                suspect(*sa);  // nothing stands that could be lost by it
            }
        }
        if (sa != nullptr && sa->established() == nullptr && sa->peer != nullptr) {
            sa->proposal_refused = sa->proposal_refused || notified->type == NotifyType::no_proposal_chosen;
            const auto said = said_in_clear(*sa, notified->type);
            sa->hint = said;
            sa->peer->refusal = said;
            if ((sa->peer->whereabouts.our_end_has_just_changed(now_) ||
                 (sa->proposal_refused && another_group_left(*sa->peer))) &&
                sa->retransmission) {
                sa->retransmission->next = std::max(now_, sa->created + limits::own_change_retry);
            }
            remember_error(*sa->peer, said);
        }
        break;
    }
    if (sa != nullptr && sa->established() != nullptr) {
        hint(*sa);
    } else if (sa == nullptr) {
        // INVALID-SPI and the like name no SA of ours; whoever sits there may have forgotten us.
        for (auto& other : sas_) {
            if (!other->dead && other->established() != nullptr &&
                other->remote.address == datagram.remote.address) {
                for (const auto& payload : message.payloads) {
                    const auto notified = isakmp::decode_notification(payload.body);
                    if (payload.type == PayloadType::notification && notified) {
                        named_unknown(*other->peer, *notified);
                    }
                }
                hint(*other);
                return;
            }
        }
    }
}

// A peer goes on under an SA that we have forgotten, and may wait long for an answer. It is told
// (RFC 2408 5.2); whoever believes that in clear believes a hint, and asks under the SA. To somebody who has
// proved nothing: seldom, and shorter than what came. The peer may have forgotten what we have in turn: we
// ask under that.
void Engine::Impl::answer_unknown_cookies(const Datagram& datagram, const isakmp::Header& about) {
    if (!about.encrypted() || shutting_down_) {
        return;
    }
    for (const auto& peer : peers_) {
        if (auto* sa = usable_sa(*peer);
            sa != nullptr && sa->remote.address == datagram.remote.address && hint(*sa)) {
            return;  // one answer at most
        }
    }
    if (candidates_for(datagram.remote.address).empty() ||
        !told_strangers_.tell(ToldStrangers::Topic::unknown_cookies, datagram.remote.address, now_)) {
        return;
    }
    isakmp::Notification notification;
    notification.type = NotifyType::invalid_cookie;
    const std::vector<Payload> payloads{{PayloadType::notification, isakmp::encode(notification)}};
    isakmp::Header header;
    header.cky_i = about.cky_i;
    header.cky_r = about.cky_r;
    header.exchange = isakmp::ExchangeType::informational;
    header.message_id = v1::new_message_id(random_);
    ++messages_out_;
    outputs_.push_back(Transmit{datagram.local, datagram.remote, isakmp::encode_message(header, payloads)});
}

void Engine::Impl::notification(IkeSa& sa, const isakmp::Notification& notified) {
    auto& peer = *sa.peer;
    switch (notified.type) {
        case NotifyType::r_u_there_ack: {
            if (notified.data == negotiation::spi_octets(sa.dpd.sequence)) {
                sa.dpd.unanswered = 0;
                sa.dpd.awaited = false;
                sa.dpd.number_open = false;
                sa.dpd.elsewhere.reset();
                sa.dpd.ever_answered = true;
                if (sa.path) {
                    path_answered(sa);
                }
                pursue(peer);  // a Quick Mode may have waited for this
            }
            return;
        }
        case NotifyType::responder_lifetime: {
            const auto attributes = isakmp::decode_attributes(notified.data);
            if (notified.protocol != isakmp::Protocol::isakmp || !attributes) {
                return;
            }
            const auto lifetime = negotiation::lifetime_of_phase1({0, 0, *attributes});
            if (negotiation::shortens(lifetime, sa.expires - *sa.established_at)) {
                set_life(sa, std::chrono::seconds(lifetime.seconds));
            }
            return;
        }
        case NotifyType::initial_contact:
            return initial_contact(sa);
        case NotifyType::invalid_spi:
            named_unknown(peer, notified);
            break;
        default:
            break;
    }
    report(EventCode::notify_received, peer.name,
           {{"remote", sa.remote.text()}, {"notify", name_of(notified.type)}});
    if (static_cast<std::uint16_t>(notified.type) >= 16384 || notified.type == NotifyType::invalid_spi) {
        return;
    }
    error_notified(sa, notified);
}

void Engine::Impl::deletion_isakmp(Peer& peer, const isakmp::Delete& payload) {
    const Loss loss{finding<FindingId::peer_deleted>(),
                    finding<FindingId::deletes_each_isakmp_sa>(field<"count">({}))};
    for (const auto& spi : payload.spis) {
        for (auto& other : sas_) {
            Bytes cookies;
            append(cookies, other->cky_i);
            append(cookies, other->cky_r);
            if (!other->dead && other->peer == &peer && other->established() != nullptr && cookies == spi) {
                lose_ike_sa(*other, loss, false);
            }
        }
    }
    // RFC 2408 3.15: Phase 2 SAs live on. Who keeps a tunnel up makes a new Phase 1.
    auto* left = usable_sa(peer);
    if (left == nullptr && !peer.next_attempt) {
        peer.next_attempt = now_ + jittered(limits::retry_first, 250);
    }
    if (left != nullptr && left->unproven() && left->dpd.next && left->dpd.unanswered == 0) {
        send_r_u_there(*left);
    }
}

void Engine::Impl::deletion(IkeSa& sa, const isakmp::Delete& payload) {
    auto& peer = *sa.peer;
    if (payload.protocol == isakmp::Protocol::isakmp) {
        return deletion_isakmp(peer, payload);
    }
    if (payload.protocol != isakmp::Protocol::esp) {
        return;
    }
    const Loss loss{finding<FindingId::peer_deleted>(),
                    finding<FindingId::deletes_each_sa>(field<"count">({}))};
    for (const auto& octets : payload.spis) {
        if (octets.size() != 4) {
            continue;
        }
        const std::uint32_t spi = negotiation::spi_number(octets);
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

void Engine::Impl::send_informational(IkeSa& sa, const std::vector<Payload>& payloads,
                                      const std::optional<Place>& place) {
    const auto* done = sa.established();
    if (done == nullptr || sa.dead) {
        return;
    }
    if (auto datagram = v1::make_informational(*done->keys, done->last_block, sa.cky_i, sa.cky_r,
                                               sa.message_ids.next(), payloads)) {
        transmit(sa, std::move(*datagram), place);
    }
}

void Engine::Impl::send_notification(IkeSa& sa, NotifyType type, isakmp::Protocol protocol, Bytes spi,
                                     Bytes data, const std::optional<Place>& place) {
    const isakmp::Notification notified{isakmp::doi_ipsec, protocol, std::move(spi), type, std::move(data)};
    send_informational(sa, {{PayloadType::notification, isakmp::encode(notified)}}, place);
}

void Engine::Impl::send_delete_esp(IkeSa& sa, std::uint32_t spi) {
    const isakmp::Delete payload{isakmp::doi_ipsec, isakmp::Protocol::esp, 4, {negotiation::spi_octets(spi)}};
    begin_informational(sa, {{PayloadType::delete_, isakmp::encode(payload)}});
}

void Engine::Impl::send_delete_isakmp(IkeSa& sa) {
    Bytes cookies;
    append(cookies, sa.cky_i);
    append(cookies, sa.cky_r);
    const isakmp::Delete payload{isakmp::doi_ipsec, isakmp::Protocol::isakmp, 16, {std::move(cookies)}};
    send_informational(sa, {{PayloadType::delete_, isakmp::encode(payload)}});
}

}  // namespace causeway::ike
