// The bodies of the payloads that have structure, each with decode and encode in one place (RFC 2408 3.4
// to 3.15, RFC 2407 4.6). Hash, nonce, key exchange, vendor id and NAT-D bodies are plain octets and need
// nothing from here. For each: decode(encode(x)) == x, and encode(decode(b)) == b for every body without
// reserved bits set.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "codec/isakmp/numbers.hpp"

namespace causeway::isakmp {

/// RFC 2408 3.3. `basic` is the AF bit: a 16-bit value inside the type/value pair; otherwise `value` has its
/// own length.
struct Attribute {
    std::uint16_t type = 0;
    bool basic = true;
    Bytes value;  ///< two octets when basic

    static Attribute tv(std::uint16_t type, std::uint16_t value);
    /// Basic when the number fits 16 bits, else variable with 4 octets (or 8): RFC 2407 4.5.
    static Attribute number(std::uint16_t type, std::uint64_t value);
    /// The value as a number; nothing when it has no octets, or more than 8 behind leading zeros.
    [[nodiscard]] std::optional<std::uint64_t> as_number() const;
    friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// RFC 2408 3.6.
struct Transform {
    std::uint8_t number = 0;
    std::uint8_t id = 0;
    std::vector<Attribute> attributes;

    /// First attribute of the type.
    [[nodiscard]] const Attribute* find(std::uint16_t type) const;
    friend bool operator==(const Transform&, const Transform&) = default;
};

/// RFC 2408 3.5. Several proposals with one number belong together (AND), different numbers are alternatives
/// (OR).
struct Proposal {
    std::uint8_t number = 0;
    Protocol protocol = Protocol::isakmp;
    Bytes spi;
    std::vector<Transform> transforms;
    friend bool operator==(const Proposal&, const Proposal&) = default;
};

/// RFC 2408 3.4. An offer may hold zero transforms (seen from charon 5.9.8): decodable, never acceptable.
struct SaPayload {
    std::uint32_t doi = doi_ipsec;
    std::uint32_t situation = situation_identity_only;
    std::vector<Proposal> proposals;
    friend bool operator==(const SaPayload&, const SaPayload&) = default;
};

/// At most this many of each in one SA payload; beyond is an error.
inline constexpr std::size_t max_proposals = 64;
inline constexpr std::size_t max_transforms = 255;
inline constexpr std::size_t max_attributes = 64;

Result<SaPayload> decode_sa(ByteView body);
Bytes encode(const SaPayload& sa);

/// RFC 2407 4.6.2.
struct Identification {
    IdType type = IdType::fqdn;
    std::uint8_t protocol = 0;
    std::uint16_t port = 0;
    Bytes data;
    friend bool operator==(const Identification&, const Identification&) = default;
};
Result<Identification> decode_identification(ByteView body);
Bytes encode(const Identification& id);

/// RFC 2408 3.14.
struct Notification {
    std::uint32_t doi = doi_ipsec;
    Protocol protocol = Protocol::isakmp;
    Bytes spi;
    NotifyType type = NotifyType::invalid_payload_type;
    Bytes data;
    friend bool operator==(const Notification&, const Notification&) = default;
};
Result<Notification> decode_notification(ByteView body);
Bytes encode(const Notification& notification);

/// RFC 2408 3.15. All SPIs have `spi_octets` octets: 16 for ISAKMP, 4 for ESP.
struct Delete {
    std::uint32_t doi = doi_ipsec;
    Protocol protocol = Protocol::isakmp;
    std::uint8_t spi_octets = 0;
    std::vector<Bytes> spis;
    friend bool operator==(const Delete&, const Delete&) = default;
};
inline constexpr std::size_t max_deleted_spis = 256;
Result<Delete> decode_delete(ByteView body);
Bytes encode(const Delete& payload);

/// An attribute list alone, as in RESPONDER-LIFETIME data (RFC 2407 4.6.3.1).
Result<std::vector<Attribute>> decode_attributes(ByteView octets);
Bytes encode(std::span<const Attribute> attributes);

}  // namespace causeway::isakmp
