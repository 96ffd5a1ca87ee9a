// The numbers of ISAKMP and the IPsec DOI with their names: RFC 2408, RFC 2407, RFC 2409 Appendix A,
// RFC 3947, RFC 3706. Names are for logs and `causeway decode`; unknown numbers print as "type 77".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace causeway::isakmp {

using Cookie = std::array<std::uint8_t, 8>;

/// RFC 2408 3.1; 20 and 21 are RFC 3947 5; 130 and 131 the drafts 02 and 03 of it; 132 Cisco's fragmentation.
enum class PayloadType : std::uint8_t {
    none = 0,
    sa = 1,
    proposal = 2,
    transform = 3,
    key_exchange = 4,
    identification = 5,
    certificate = 6,
    certificate_request = 7,
    hash = 8,
    signature = 9,
    nonce = 10,
    notification = 11,
    delete_ = 12,
    vendor_id = 13,
    attributes = 14,
    nat_d = 20,
    nat_oa = 21,
    nat_d_draft = 130,
    nat_oa_draft = 131,
    fragment = 132,
};

/// RFC 2408 3.1, RFC 2409 Appendix A.
enum class ExchangeType : std::uint8_t {
    none = 0,
    base = 1,
    main = 2,  ///< "Identity Protection"
    authentication_only = 3,
    aggressive = 4,
    informational = 5,
    transaction = 6,
    quick = 32,
    new_group = 33,
};

/// RFC 2408 3.1.
namespace flag {
inline constexpr std::uint8_t encryption = 1;
inline constexpr std::uint8_t commit = 2;
inline constexpr std::uint8_t authentication_only = 4;
}  // namespace flag

inline constexpr std::uint8_t version_1_0 = 0x10;
inline constexpr std::uint32_t doi_ipsec = 1;                ///< RFC 2407 4.1
inline constexpr std::uint32_t situation_identity_only = 1;  ///< RFC 2407 4.2.1
inline constexpr std::size_t header_octets = 28;
inline constexpr std::size_t generic_header_octets = 4;

/// RFC 2407 4.4.1.
enum class Protocol : std::uint8_t { isakmp = 1, ah = 2, esp = 3, ipcomp = 4 };

/// RFC 2409 Appendix A: attributes of a Phase 1 transform (KEY_IKE, transform id 1).
enum class Phase1Attribute : std::uint16_t {
    encryption_algorithm = 1,
    hash_algorithm = 2,
    authentication_method = 3,
    group_description = 4,
    group_type = 5,
    group_prime = 6,
    group_generator_one = 7,
    group_generator_two = 8,
    group_curve_a = 9,
    group_curve_b = 10,
    life_type = 11,
    life_duration = 12,
    prf = 13,
    key_length = 14,
    field_size = 15,
    group_order = 16,
};
inline constexpr std::uint8_t transform_key_ike = 1;
inline constexpr std::uint16_t authentication_psk = 1;
inline constexpr std::uint16_t life_type_seconds = 1;
inline constexpr std::uint16_t life_type_kilobytes = 2;

/// RFC 2407 4.5: attributes of a Phase 2 transform.
enum class Phase2Attribute : std::uint16_t {
    life_type = 1,
    life_duration = 2,
    group_description = 3,
    encapsulation_mode = 4,
    authentication_algorithm = 5,
    key_length = 6,
    key_rounds = 7,
    compress_dictionary_size = 8,
    compress_private_algorithm = 9,
    ecn_tunnel = 10,
    extended_sequence_number = 11,
};
/// RFC 2407 4.5, RFC 3947 5.1; the drafts use the private numbers.
enum class EncapsulationMode : std::uint16_t {
    tunnel = 1,
    transport = 2,
    udp_tunnel = 3,
    udp_transport = 4,
    udp_tunnel_draft = 61443,
    udp_transport_draft = 61444,
};

/// RFC 2407 4.6.2.1.
enum class IdType : std::uint8_t {
    ipv4_addr = 1,
    fqdn = 2,
    user_fqdn = 3,
    ipv4_addr_subnet = 4,
    ipv6_addr = 5,
    ipv6_addr_subnet = 6,
    ipv4_addr_range = 7,
    ipv6_addr_range = 8,
    der_asn1_dn = 9,
    der_asn1_gn = 10,
    key_id = 11,
};

/// RFC 2408 3.14.1, RFC 2407 4.6.3, RFC 3706 6.
enum class NotifyType : std::uint16_t {
    invalid_payload_type = 1,
    doi_not_supported = 2,
    situation_not_supported = 3,
    invalid_cookie = 4,
    invalid_major_version = 5,
    invalid_minor_version = 6,
    invalid_exchange_type = 7,
    invalid_flags = 8,
    invalid_message_id = 9,
    invalid_protocol_id = 10,
    invalid_spi = 11,
    invalid_transform_id = 12,
    attributes_not_supported = 13,
    no_proposal_chosen = 14,
    bad_proposal_syntax = 15,
    payload_malformed = 16,
    invalid_key_information = 17,
    invalid_id_information = 18,
    invalid_cert_encoding = 19,
    invalid_certificate = 20,
    cert_type_unsupported = 21,
    invalid_cert_authority = 22,
    invalid_hash_information = 23,
    authentication_failed = 24,
    invalid_signature = 25,
    address_notification = 26,
    notify_sa_lifetime = 27,
    certificate_unavailable = 28,
    unsupported_exchange_type = 29,
    unequal_payload_lengths = 30,
    connected = 16384,
    responder_lifetime = 24576,
    replay_status = 24577,
    initial_contact = 24578,
    r_u_there = 36136,
    r_u_there_ack = 36137,
};

// The name of a number in the RFC's own spelling ("NO-PROPOSAL-CHOSEN", "Identity Protection (Main Mode)",
// "ID_FQDN").
std::string name_of(PayloadType type);
std::string name_of(ExchangeType type);
std::string name_of(Protocol protocol);
std::string name_of(IdType type);
std::string name_of(NotifyType type);
std::string name_of(EncapsulationMode mode);
std::string name_of(Phase1Attribute type);
std::string name_of(Phase2Attribute type);

}  // namespace causeway::isakmp
