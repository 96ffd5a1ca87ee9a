#include "codec/isakmp/version2.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "codec/reader.hpp"
#include "codec/writer.hpp"

namespace causeway::isakmp::version2 {

namespace {

constexpr std::uint8_t flag_initiator = 0x08;
constexpr std::uint8_t flag_response = 0x20;
constexpr auto ike_sa_init = static_cast<ExchangeType>(34);
// RFC 7296 3.2.
constexpr auto security_association = static_cast<PayloadType>(33);
constexpr auto key_exchange = static_cast<PayloadType>(34);
constexpr auto nonce = static_cast<PayloadType>(40);
constexpr auto notify = static_cast<PayloadType>(41);
constexpr auto vendor_id = static_cast<PayloadType>(43);
constexpr std::size_t notify_octets = 4;  ///< protocol, SPI size, type; no SPI, no data
constexpr auto invalid_major = static_cast<std::uint8_t>(NotifyType::invalid_major_version);
// RFC 7296 3.10.1.
constexpr std::uint16_t nat_detection_source_ip = 16388;
constexpr std::uint16_t nat_detection_destination_ip = 16389;

constexpr std::uint8_t more_proposals = 2;   ///< RFC 7296 3.3.1: the value that "more" has, 0 for the last
constexpr std::uint8_t more_transforms = 3;  ///< RFC 7296 3.3.2
constexpr std::uint16_t key_length_attribute = 0x8000 | 14;  ///< RFC 7296 3.3.5, with its AF bit

Bytes encode_transform(const Transform& transform, bool last) {
    Writer writer;
    writer.u8(last ? 0 : more_transforms).u8(0).u16(transform.key_bits ? 12 : 8);
    writer.u8(static_cast<std::uint8_t>(transform.type)).u8(0).u16(transform.id);
    if (transform.key_bits) {
        writer.u16(key_length_attribute).u16(*transform.key_bits);
    }
    return std::move(writer).finish();
}

Bytes encode_proposals(const std::vector<Proposal>& proposals) {
    constexpr std::size_t head = 8;
    Writer writer;
    for (std::size_t i = 0; i < proposals.size(); ++i) {
        Bytes transforms;
        for (std::size_t j = 0; j < proposals[i].size(); ++j) {
            append(transforms, encode_transform(proposals[i][j], j + 1 == proposals[i].size()));
        }
        writer.u8(i + 1 == proposals.size() ? 0 : more_proposals).u8(0);
        writer.u16(static_cast<std::uint16_t>(head + transforms.size()));
        writer.u8(static_cast<std::uint8_t>(i + 1)).u8(static_cast<std::uint8_t>(Protocol::isakmp)).u8(0);
        writer.u8(static_cast<std::uint8_t>(proposals[i].size())).octets(transforms);
    }
    return std::move(writer).finish();
}

Bytes encode_notify(std::uint16_t type, ByteView data) {
    Writer writer;
    writer.u8(0).u8(0).u16(type).octets(data);
    return std::move(writer).finish();
}

/// The first proposal of an SA payload: an answer has one.
Result<Proposal> decode_chosen(ByteView body) {
    Reader reader(body);
    reader.take(6);  // last or more, reserved, length, number, protocol
    const std::size_t spi = reader.u8();
    const std::size_t count = reader.u8();
    reader.take(spi);
    Proposal chosen;
    for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
        reader.u16();
        const std::size_t length = reader.u16();
        Transform transform;
        transform.type = static_cast<TransformType>(reader.u8());
        reader.u8();
        transform.id = reader.u16();
        Reader attributes(reader.take(length < 8 ? body.size() : length - 8));
        if (attributes.left() >= 4 && attributes.u16() == key_length_attribute) {
            transform.key_bits = attributes.u16();
        }
        chosen.push_back(transform);
    }
    if (reader.failed() || chosen.empty()) {
        return fail(Errc::malformed, "the SA payload of IKEv2 cannot be read");
    }
    return chosen;
}

Result<> take_notify(InitAnswer& answer, ByteView body) {
    Reader reader(body);
    reader.u8();
    const std::size_t spi = reader.u8();
    const std::uint16_t type = reader.u16();
    reader.take(spi);
    const Bytes data = to_bytes(reader.take_rest());
    if (reader.failed()) {
        return fail(Errc::malformed, "the notify payload of IKEv2 cannot be read");
    }
    answer.notifies.push_back(type);
    Bytes* const place = type == nat_detection_source_ip        ? &answer.nat_source
                         : type == nat_detection_destination_ip ? &answer.nat_destination
                                                                : nullptr;
    if (place != nullptr && place->empty()) {
        *place = data;
    }
    return {};
}

}  // namespace

bool is_request(const Header& header) {
    return (header.flags & flag_response) == 0;
}

Bytes invalid_major_version(const Header& request) {
    // Every version of the header is laid out alike (RFC 5996 3.1). Not from the original initiator: no I
    // bit.
    Header header = request;
    header.version = version_2_0;
    header.flags = flag_response;
    const std::vector<Payload> payloads{{notify, Bytes{0, 0, 0, invalid_major}}};
    return encode_message(header, payloads);
}

bool says_invalid_major_version(const Header& header, ByteView datagram) {
    const auto chain = decode_payloads(header.next_payload,
                                       datagram.first(header.length).subspan(header_octets), Trailing::none);
    return chain && std::ranges::any_of(chain->payloads, [](const Payload& payload) {
               return payload.type == notify && payload.body.size() >= notify_octets &&
                      payload.body[2] == 0 && payload.body[3] == invalid_major;
           });
}

Bytes encode(const InitRequest& request) {
    Writer ke;
    ke.u16(request.group).u16(0).octets(request.public_value);
    const std::vector<Payload> payloads{
        {security_association, encode_proposals(request.proposals)},
        {key_exchange, std::move(ke).finish()},
        {nonce, request.nonce},
        {notify, encode_notify(nat_detection_source_ip, request.nat_source)},
        {notify, encode_notify(nat_detection_destination_ip, request.nat_destination)}};
    Header header;
    header.cky_i = request.spi_i;
    header.version = version_2_0;
    header.exchange = ike_sa_init;
    header.flags = flag_initiator;
    return encode_message(header, payloads);
}

Result<InitAnswer> decode_init_answer(const Header& header, ByteView datagram) {
    const auto chain = CAUSEWAY_TRY(decode_payloads(
        header.next_payload, datagram.first(header.length).subspan(header_octets), Trailing::none));
    InitAnswer answer;
    for (const auto& payload : chain.payloads) {
        if (payload.type == security_association && answer.chosen.empty()) {
            answer.chosen = CAUSEWAY_TRY(decode_chosen(payload.body));
        } else if (payload.type == key_exchange) {
            answer.key_exchange = true;
        } else if (payload.type == notify) {
            CAUSEWAY_CHECK(take_notify(answer, payload.body));
        } else if (payload.type == vendor_id) {
            answer.vendors.push_back(payload.body);
        }
    }
    return answer;
}

std::string name_of_notify(std::uint16_t type) {
    switch (type) {
        case 1:
            return "UNSUPPORTED_CRITICAL_PAYLOAD";
        case 5:
            return "INVALID_MAJOR_VERSION";
        case 7:
            return "INVALID_SYNTAX";
        case 14:
            return "NO_PROPOSAL_CHOSEN";
        case invalid_ke_payload:
            return "INVALID_KE_PAYLOAD";
        case 24:
            return "AUTHENTICATION_FAILED";
        case cookie:
            return "COOKIE";
        default:
            return fmt::format("notify {}", type);
    }
}

}  // namespace causeway::isakmp::version2
