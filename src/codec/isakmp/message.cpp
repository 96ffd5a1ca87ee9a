#include "codec/isakmp/message.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

#include "codec/reader.hpp"
#include "codec/writer.hpp"

namespace causeway::isakmp {

namespace {

Cookie read_cookie(Reader& reader) {
    Cookie cookie{};
    std::ranges::copy(reader.take(cookie.size()), cookie.begin());
    return cookie;
}

bool is_alignment(ByteView rest, std::size_t whole) {
    return rest.size() < 4 && whole % 4 == 0 &&
           std::ranges::all_of(rest, [](auto octet) { return octet == 0; });
}

}  // namespace

Result<Header> decode_header(ByteView datagram) {
    Reader reader(datagram);
    Header header;
    header.cky_i = read_cookie(reader);
    header.cky_r = read_cookie(reader);
    header.next_payload = static_cast<PayloadType>(reader.u8());
    header.version = reader.u8();
    header.exchange = static_cast<ExchangeType>(reader.u8());
    header.flags = reader.u8();
    header.message_id = reader.u32();
    header.length = reader.u32();
    if (reader.failed()) {
        return fail(Errc::malformed,
                    fmt::format("{} octets are too few for a header ({})", datagram.size(), header_octets));
    }
    if (header.length < header_octets || header.length > datagram.size()) {
        return fail(Errc::malformed, fmt::format("the header says {} octets, the datagram has {}",
                                                 header.length, datagram.size()));
    }
    return header;
}

Result<Chain> decode_payloads(PayloadType first, ByteView octets, Trailing trailing) {
    Chain chain;
    Reader reader(octets);
    for (PayloadType type = first; type != PayloadType::none;) {
        if (chain.payloads.size() == max_payloads) {
            return fail(Errc::limit, fmt::format("more than {} payloads", max_payloads));
        }
        const std::size_t left = reader.left();
        const auto next = static_cast<PayloadType>(reader.u8());
        reader.u8();  // reserved: ignored on reading (RFC 2408 3.2 has it zero, peers differ)
        const std::size_t length = reader.u16();
        if (reader.failed() || length < generic_header_octets || length > left) {
            return fail(Errc::malformed,
                        fmt::format("{} payload: length {} does not fit into the {} octets left",
                                    name_of(type), length, left));
        }
        chain.payloads.push_back({type, to_bytes(reader.take(length - generic_header_octets))});
        chain.octets += length;
        type = next;
    }
    // The ISAKMP header is a multiple of 4 itself.
    if (trailing == Trailing::none && reader.left() != 0 &&
        !is_alignment(octets.last(reader.left()), octets.size())) {
        return fail(Errc::malformed, fmt::format("{} octets behind the last payload", reader.left()));
    }
    return chain;
}

Bytes encode_payloads(std::span<const Payload> payloads) {
    Writer writer;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        writer.u8(i + 1 < payloads.size() ? static_cast<std::uint8_t>(payloads[i + 1].type) : 0);
        writer.u8(0);
        writer.u16(static_cast<std::uint16_t>(payloads[i].body.size() + generic_header_octets));
        writer.octets(payloads[i].body);
    }
    return std::move(writer).finish();
}

Bytes encode_message(Header header, ByteView body) {
    Writer writer;
    writer.octets(header.cky_i).octets(header.cky_r);
    writer.u8(static_cast<std::uint8_t>(header.next_payload)).u8(header.version);
    writer.u8(static_cast<std::uint8_t>(header.exchange)).u8(header.flags);
    writer.u32(header.message_id).u32(static_cast<std::uint32_t>(header_octets + body.size()));
    writer.octets(body);
    return std::move(writer).finish();
}

Bytes encode_message(Header header, std::span<const Payload> payloads) {
    header.next_payload = payloads.empty() ? PayloadType::none : payloads.front().type;
    return encode_message(header, encode_payloads(payloads));
}

const Payload* find(std::span<const Payload> payloads, PayloadType type) {
    const auto found = std::ranges::find(payloads, type, &Payload::type);
    return found == payloads.end() ? nullptr : &*found;
}

}  // namespace causeway::isakmp
