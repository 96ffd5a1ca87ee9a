// The little of IKEv2 that one who does not speak it must know: a message that refuses it, so that the
// caller's log says why, such a message about IKEv1, and the first exchange as far as a probe asks for it
// (RFC 7296 1.2, 1.5, 2.5, 3.1 to 3.10). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/isakmp/message.hpp"

namespace causeway::isakmp::version2 {

inline constexpr std::uint8_t version_2_0 = 0x20;

/// Is this a request, that is, may it be answered (RFC 5996 3.1: the R bit)?
bool is_request(const Header& header);
/// INVALID_MAJOR_VERSION to a request: its SPIs, its exchange and its message id, in clear.
Bytes invalid_major_version(const Header& request);
/// Does this datagram, whose header was read, say so to us?
bool says_invalid_major_version(const Header& header, ByteView datagram);

// Notifications by which a responder asks for the first message once more (RFC 7296 1.3, 2.6).
inline constexpr std::uint16_t invalid_ke_payload = 17;
inline constexpr std::uint16_t cookie = 16390;

/// RFC 7296 3.3.2.
enum class TransformType : std::uint8_t { encryption = 1, prf = 2, integrity = 3, group = 4 };
struct Transform {
    TransformType type = TransformType::encryption;
    std::uint16_t id = 0;
    std::optional<std::uint16_t> key_bits;  ///< the Key Length attribute
    friend bool operator==(const Transform&, const Transform&) = default;
};
/// Of protocol IKE, without an SPI (RFC 7296 3.3.1).
using Proposal = std::vector<Transform>;

/// RFC 7296 1.2: the first message, as the initiator sends it.
struct InitRequest {
    Cookie spi_i{};
    std::vector<Proposal> proposals;
    std::uint16_t group = 0;  ///< of the public value
    Bytes public_value;
    Bytes nonce;
    Bytes nat_source;       ///< NAT_DETECTION_SOURCE_IP (RFC 7296 2.23)
    Bytes nat_destination;  ///< NAT_DETECTION_DESTINATION_IP
};
Bytes encode(const InitRequest& request);

/// What a responder says to it.
struct InitAnswer {
    Proposal chosen;                      ///< empty: no SA payload
    bool key_exchange = false;            ///< there is a public value as well, so the exchange would go on
    std::vector<std::uint16_t> notifies;  ///< all types, errors (below 16384) and status
    Bytes nat_source;                     ///< the first one
    Bytes nat_destination;
    std::vector<Bytes> vendors;
};
/// Of a datagram whose header was read. An error: a chain or a payload that cannot be read.
Result<InitAnswer> decode_init_answer(const Header& header, ByteView datagram);

/// "NO_PROPOSAL_CHOSEN", as RFC 7296 3.10.1 spells it; "notify 77".
std::string name_of_notify(std::uint16_t type);

}  // namespace causeway::isakmp::version2
