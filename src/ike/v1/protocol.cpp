#include "ike/v1/protocol.hpp"

#include <memory>
#include <string>
#include <vector>

#include "ike/v1/notifications.hpp"
#include "ike/v1/session.hpp"
#include "negotiation/refusal.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike::v1 {

namespace {

unclaimed::Notices notices_in(const Message& message) {
    unclaimed::Notices found;
    for (const auto& payload : message.payloads) {
        const auto notified = notification_in(payload);
        if (notified) {
            found.all.push_back({std::string(name_of(notified->type)), unknown_spi(*notified)});
        }
    }
    return found;
}

Bytes notify_in_clear(isakmp::NotifyType type, const isakmp::Cookie& cky_i, const isakmp::Cookie& cky_r,
                      RandomSource& random) {
    isakmp::Notification notification;
    notification.type = type;
    const std::vector<isakmp::Payload> payloads{
        {isakmp::PayloadType::notification, isakmp::encode(notification)}};
    isakmp::Header header;
    header.cky_i = cky_i;
    header.cky_r = cky_r;
    header.exchange = isakmp::ExchangeType::informational;
    header.message_id = new_message_id(random);
    return isakmp::encode_message(header, payloads);
}

}  // namespace

Unclaimed Protocol::classify(const Datagram& datagram) const {
    const auto message = read_message(datagram.payload);
    if (!message) {
        return unclaimed::Malformed{message.error()};
    }
    const auto& header = message->header;
    switch (header.exchange) {
        case isakmp::ExchangeType::informational:
            if (!header.encrypted()) {
                return notices_in(*message);
            }
            return unclaimed::Unknown{"an Informational for an SA that is not ours", true};
        case isakmp::ExchangeType::main:
        case isakmp::ExchangeType::aggressive:
            if (header.message_id != 0) {
                return unclaimed::Unknown{"a Phase 1 message with a message id"};
            }
            if (header.cky_r != isakmp::Cookie{}) {
                return unclaimed::Unknown{"cookies that are not ours"};
            }
            return unclaimed::Opening{header.exchange == isakmp::ExchangeType::main
                                          ? config::ExchangeMode::main
                                          : config::ExchangeMode::aggressive,
                                      header.encrypted()};
        case isakmp::ExchangeType::quick:
            return unclaimed::Unknown{"a Quick Mode for an SA that is not ours", header.encrypted()};
        default:
            return unclaimed::Unknown{name_of(header.exchange) + " is not supported"};
    }
}

std::unique_ptr<ike::Session> Protocol::make(SessionOwner& owner, Role role, const Place& place) const {
    return std::make_unique<Session>(owner, role, place);
}

/// Never a responder cookie of ours for an exchange that does not exist (CVE-2023-30570).
Bytes Protocol::refusal(const isakmp::Header& about, const negotiation::Reason& reason,
                        RandomSource& random) const {
    return notify_in_clear(negotiation::notification_for(reason), about.cky_i, {}, random);
}

/// RFC 2408 5.2.
Bytes Protocol::session_unknown(const isakmp::Header& about, RandomSource& random) const {
    return notify_in_clear(isakmp::NotifyType::invalid_cookie, about.cky_i, about.cky_r, random);
}

}  // namespace causeway::ike::v1
