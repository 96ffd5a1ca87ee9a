#include "sim/manners.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "codec/isakmp/vendor.hpp"

namespace causeway::sim {

using isakmp::ExchangeType;
using isakmp::NotifyType;
using isakmp::Payload;
using isakmp::PayloadType;
using world::Observer;

namespace {

constexpr std::size_t flags_at = 19;  // RFC 2408 3.1

bool is_vendor(const Payload& payload, isakmp::Vendor vendor) {
    return payload.type == PayloadType::vendor_id && isakmp::recognise_vendor(payload.body) == vendor;
}

std::vector<Payload>::iterator of_type(std::vector<Payload>& payloads, NotifyType type) {
    return std::find_if(payloads.begin(), payloads.end(), [&](const Payload& payload) {
        if (payload.type != PayloadType::notification) {
            return false;
        }
        const auto notified = isakmp::decode_notification(payload.body);
        return notified && notified->type == type;
    });
}

Bytes number_of(const Payload& payload) {
    return isakmp::decode_notification(payload.body)->data;
}

void set_number(Payload& payload, const Bytes& number) {
    auto notified = *isakmp::decode_notification(payload.body);
    notified.data = number;
    payload.body = isakmp::encode(notified);
}

}  // namespace

Manners::Questions& Manners::questions(unsigned node, const isakmp::Header& header) {
    Bytes key{static_cast<std::uint8_t>(node)};
    append(key, header.cky_i);
    append(key, header.cky_r);
    return questions_[key];
}

void Manners::change(Bytes& datagram, std::optional<Bytes> changed, std::string_view manner) {
    if (changed) {
        datagram = std::move(*changed);
        played_(manner);
    }
}

void Manners::before_leaving(const Peculiar& peculiar, Bytes& datagram) {
    const auto header = isakmp::decode_header(datagram);
    if (!header) {
        return;
    }
    if (peculiar.commits && header->exchange == ExchangeType::quick) {
        datagram[flags_at] |= isakmp::flag::commit;
    }
    if (!peculiar.any() || header->encrypted()) {
        return;
    }
    auto chain = isakmp::decode_payloads(
        header->next_payload, ByteView(datagram).subspan(isakmp::header_octets), isakmp::Trailing::none);
    const auto unsaid = [&](const Payload& payload) {
        return (peculiar.says_no_name && is_vendor(payload, isakmp::Vendor::causeway)) ||
               (peculiar.announces_no_dpd && is_vendor(payload, isakmp::Vendor::dpd));
    };
    if (chain && std::erase_if(chain->payloads, unsaid) != 0) {
        datagram = isakmp::encode_message(*header, std::span<const Payload>(chain->payloads));
    }
}

bool Manners::leaves(unsigned node, const Peculiar& peculiar, Bytes& datagram) {
    const auto header = isakmp::decode_header(datagram);
    if (observer_ == nullptr || !header || header->exchange != ExchangeType::informational) {
        return true;
    }
    auto payloads = observer_->watch(datagram).payloads;
    if (peculiar.complains_of_nothing && (of_type(payloads, NotifyType::invalid_spi) != payloads.end() ||
                                          of_type(payloads, NotifyType::invalid_cookie) != payloads.end())) {
        played_("complains-of-nothing");
        return false;
    }
    if (!header->encrypted()) {
        return true;
    }
    const auto deletes = std::ranges::find(payloads, PayloadType::delete_, &Payload::type);
    if (deletes != payloads.end()) {
        if (peculiar.deletes_what_is_none) {
            auto deleted = *isakmp::decode_delete(deletes->body);
            deleted.spis.front().back() ^= 1U;
            deletes->body = isakmp::encode(deleted);
            change(datagram, observer_->rewritten(datagram, payloads, Observer::Hash::renew),
                   "deletes-what-is-none");
        } else if (peculiar.deletes_nothing) {
            played_("deletes-nothing");
        }
        return !peculiar.deletes_nothing;
    }
    auto& asked = questions(node, *header);
    if (const auto question = of_type(payloads, NotifyType::r_u_there);
        question != payloads.end() && peculiar.asks_with_one_number) {
        asked.meant = number_of(*question);
        asked.number = asked.number.value_or(asked.meant);
        set_number(*question, *asked.number);
        change(datagram, observer_->rewritten(datagram, payloads, Observer::Hash::renew),
               "asks-with-one-number");
    }
    if (of_type(payloads, NotifyType::r_u_there_ack) != payloads.end() && peculiar.answers_in_the_question) {
        const std::vector<Payload> rest(payloads.begin() + 1, payloads.end());
        change(datagram, observer_->composed(datagram, ExchangeType::informational, asked.message_id, rest),
               "answers-in-the-question");
    }
    return true;
}

// RFC 2407 4.6.2.5: ID_IPV4_ADDR_SUBNET, any protocol and port, address and mask. Written out here, for it is
// what the engine must send.
void Manners::knows(unsigned node, const Ipv4Net& local, const Ipv4Net& remote) {
    const auto identity = [](const Ipv4Net& net) {
        Bytes octets{4, 0, 0, 0};
        for (const std::uint32_t number : {net.network, net.mask()}) {
            for (const unsigned shift : {24U, 16U, 8U, 0U}) {
                octets.push_back(static_cast<std::uint8_t>(number >> shift));
            }
        }
        return octets;
    };
    for (const auto& [first, second] : {std::pair(local, remote), std::pair(remote, local)}) {
        Bytes both = identity(first);
        append(both, identity(second));
        identities_[node].insert(std::move(both));
    }
}

bool Manners::takes(unsigned node, const Peculiar& peculiar, ByteView datagram) {
    const auto header = isakmp::decode_header(datagram);
    if (observer_ == nullptr || !peculiar.compares_literally || !header ||
        header->exchange != ExchangeType::quick || !header->encrypted()) {
        return true;
    }
    Bytes both;
    for (const auto& payload : observer_->watch(datagram).payloads) {
        if (payload.type == PayloadType::identification) {
            append(both, payload.body);
        }
    }
    if (both.empty()) {
        return true;
    }
    played_("compares-literally");
    return identities_[node].contains(both);
}

void Manners::arrives(unsigned node, const Peculiar& peculiar, Bytes& datagram) {
    const auto header = isakmp::decode_header(datagram);
    if (observer_ == nullptr || !peculiar.any() || !header ||
        header->exchange != ExchangeType::informational || !header->encrypted()) {
        return;
    }
    auto payloads = observer_->watch(datagram).payloads;
    auto& asked = questions(node, *header);
    if (of_type(payloads, NotifyType::r_u_there) != payloads.end()) {
        asked.message_id = header->message_id;
    }
    if (const auto answer = of_type(payloads, NotifyType::r_u_there_ack);
        answer != payloads.end() && asked.number && number_of(*answer) == *asked.number) {
        set_number(*answer, asked.meant);
        datagram = observer_->rewritten(datagram, payloads, Observer::Hash::renew).value_or(datagram);
    }
}

std::optional<Bytes> Manners::adds(const Peculiar& peculiar, ByteView arrived) {
    const auto header = isakmp::decode_header(arrived);
    if (observer_ == nullptr || !peculiar.commits || !header || header->exchange != ExchangeType::quick ||
        !header->encrypted()) {
        return std::nullopt;
    }
    // Message 3 is the one with a hash and nothing else.
    const auto seen = observer_->watch(arrived);
    if (seen.payloads.size() != 1 || seen.payloads.front().type != PayloadType::hash) {
        return std::nullopt;
    }
    isakmp::Notification connected;
    connected.protocol = isakmp::Protocol::esp;
    connected.type = NotifyType::connected;
    auto fourth = observer_->continued(
        arrived, {seen.payloads.front(), {PayloadType::notification, isakmp::encode(connected)}});
    if (fourth) {
        played_("fourth-quick-message");
    }
    return fourth;
}

}  // namespace causeway::sim
