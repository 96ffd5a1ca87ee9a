#include "sim/wire.hpp"

#include <cstdint>
#include <fmt/format.h>

#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"

namespace causeway::sim {

using isakmp::ExchangeType;

namespace {

/// Messages that one end sends in an exchange (RFC 2409 5, one direction).
std::size_t most_forms(ExchangeType exchange) {
    switch (exchange) {
        case ExchangeType::main:
            return 3;
        case ExchangeType::aggressive:
        case ExchangeType::quick:
            return 2;
        default:
            return 1;
    }
}

std::uint64_t hash_of(ByteView octets) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
    for (const auto octet : octets) {
        hash = (hash ^ octet) * 0x100000001b3ULL;
    }
    return hash;
}

Bytes key_of(unsigned node, const isakmp::Header& header) {
    Bytes key{static_cast<std::uint8_t>(node), static_cast<std::uint8_t>(node >> 8U)};
    append(key, header.cky_i);
    append(key, header.cky_r);
    return key;
}

Bytes exchange_of(unsigned node, const isakmp::Header& header) {
    Bytes key = key_of(node, header);
    key.push_back(static_cast<std::uint8_t>(header.exchange));
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        key.push_back(static_cast<std::uint8_t>(header.message_id >> shift));
    }
    return key;
}

std::optional<isakmp::Notification> liveness(const world::Seen& seen, isakmp::NotifyType type) {
    for (const auto& payload : seen.payloads) {
        if (payload.type == isakmp::PayloadType::notification) {
            if (auto notified = isakmp::decode_notification(payload.body);
                notified && notified->type == type && notified->data.size() == 4) {
                return *notified;
            }
        }
    }
    return std::nullopt;
}

std::uint32_t number_of(const isakmp::Notification& notified) {
    return std::uint32_t{notified.data[0]} << 24U | std::uint32_t{notified.data[1]} << 16U |
           std::uint32_t{notified.data[2]} << 8U | notified.data[3];
}

}  // namespace

std::optional<Wire::Wrong> Wire::sent(unsigned sender, ByteView datagram) {
    const auto header = isakmp::decode_header(datagram);
    if (!header) {
        return Wrong{"wire", "it sends what is no ISAKMP message"};
    }
    if (forms_.size() > 512) {
        forms_.clear();  // what is over is not repeated any more
        to_itself_.clear();
    }
    const Bytes key = exchange_of(sender, *header);
    auto& forms = forms_[key];
    forms.insert(hash_of(datagram));
    if (forms.size() > most_forms(header->exchange) * (to_itself_.contains(key) ? 2 : 1)) {
        return Wrong{"retransmission", fmt::format("{} messages of {} {:08x} that differ", forms.size(),
                                                   name_of(header->exchange), header->message_id)};
    }
    if (observer_ == nullptr) {
        return std::nullopt;
    }
    return question(sender, observer_->watch(datagram));
}

// RFC 3706 5.3: a repeated question keeps its number, the one after an answer has the next.
std::optional<Wire::Wrong> Wire::question(unsigned sender, const world::Seen& seen) {
    const auto asked = liveness(seen, isakmp::NotifyType::r_u_there);
    if (!asked || seen.repeated) {
        return std::nullopt;
    }
    auto& questions = questions_[key_of(sender, seen.header)];
    const std::uint32_t number = number_of(*asked);
    if (questions.last && (number < *questions.last || (questions.answered && number == *questions.last))) {
        return Wrong{"liveness-number",
                     fmt::format("question {} after {}, which was answered", number, *questions.last)};
    }
    questions.answered = questions.answered && questions.last == number;
    questions.last = number;
    return std::nullopt;
}

void Wire::arrived(unsigned receiver, ByteView datagram) {
    // Its peer's name may have pointed at the NAT in front of it.
    if (const auto header = isakmp::decode_header(datagram)) {
        const Bytes key = exchange_of(receiver, *header);
        if (const auto own = forms_.find(key);
            own != forms_.end() && own->second.contains(hash_of(datagram))) {
            to_itself_.insert(key);
        }
    }
    if (observer_ == nullptr) {
        return;
    }
    const auto seen = observer_->watch(datagram);
    if (const auto answer = liveness(seen, isakmp::NotifyType::r_u_there_ack)) {
        auto& questions = questions_[key_of(receiver, seen.header)];
        questions.answered = questions.answered || questions.last == number_of(*answer);
    }
}

}  // namespace causeway::sim
