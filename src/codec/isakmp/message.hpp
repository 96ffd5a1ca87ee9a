// The ISAKMP header and the chain of payloads (RFC 2408 3.1, 3.2). Pure: octets in, values out, and back.
// Called by the exchanges and by `causeway decode`. Never decrypts, never checks meaning.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "codec/isakmp/numbers.hpp"

namespace causeway::isakmp {

/// RFC 2408 3.1. `length` counts header and payloads, in octets.
struct Header {
    Cookie cky_i{};
    Cookie cky_r{};
    PayloadType next_payload = PayloadType::none;
    std::uint8_t version = version_1_0;
    ExchangeType exchange = ExchangeType::none;
    std::uint8_t flags = 0;
    std::uint32_t message_id = 0;
    std::uint32_t length = 0;

    [[nodiscard]] bool encrypted() const { return (flags & flag::encryption) != 0; }
    friend bool operator==(const Header&, const Header&) = default;
};

/// One payload: its type and its body, that is what follows the 4-octet generic header (RFC 2408 3.2).
struct Payload {
    PayloadType type = PayloadType::none;
    Bytes body;
    friend bool operator==(const Payload&, const Payload&) = default;
};

/// Reads the header of a datagram (without non-ESP marker). Fails on fewer than 28 octets and when `length`
/// is below 28 or above the datagram (CVE-2013-4564); a longer datagram is accepted, its tail ignored.
/// Version, exchange type and flags are not judged here.
Result<Header> decode_header(ByteView datagram);

/// Bounds of one message; the whole limit list is in base/limits.hpp.
inline constexpr std::size_t max_payloads = 64;

/// Splits the octets behind the header into payloads. `trailing` says what may stand behind the last one.
/// A generic header shorter than 4 octets, a length beyond
/// the end, more than max_payloads: error. Unknown types are split all the same: meaning is the caller's
/// matter.
enum class Trailing {
    none,     ///< clear messages: no payload data; up to 3 zero octets may round the length up to a multiple
              ///< of 4 (libreswan's Aggressive Mode message 2 does)
    padding,  ///< decrypted messages: CBC padding, any content (RFC 2409 App. B: zero octets, peers differ)
};
struct Chain {
    std::vector<Payload> payloads;
    std::size_t octets =
        0;  ///< of all payloads with their headers, without padding: where "rest of message" ends
};
Result<Chain> decode_payloads(PayloadType first, ByteView octets, Trailing trailing);

/// The payload chain with its generic headers, without the ISAKMP header.
Bytes encode_payloads(std::span<const Payload> payloads);

/// Header and body. next_payload stays as given; `length` is set to fit.
Bytes encode_message(Header header, ByteView body);

/// Header and chain in clear: next_payload and length are filled in.
Bytes encode_message(Header header, std::span<const Payload> payloads);

/// The first payload of a type; nullptr when there is none.
const Payload* find(std::span<const Payload> payloads, PayloadType type);

}  // namespace causeway::isakmp
