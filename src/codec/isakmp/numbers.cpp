#include "codec/isakmp/numbers.hpp"

#include <array>
#include <fmt/format.h>
#include <span>
#include <string_view>
#include <utility>

namespace causeway::isakmp {

namespace {

template <class Enum>
using Names = std::span<const std::pair<Enum, std::string_view>>;

template <class Enum>
std::string look_up(Names<Enum> names, Enum value, std::string_view kind) {
    for (const auto& [known, name] : names) {
        if (known == value) {
            return std::string(name);
        }
    }
    return fmt::format("{} {}", kind, static_cast<unsigned>(value));
}

constexpr std::array<std::pair<PayloadType, std::string_view>, 20> payload_names{{
    {PayloadType::none, "none"},
    {PayloadType::sa, "SA"},
    {PayloadType::proposal, "proposal"},
    {PayloadType::transform, "transform"},
    {PayloadType::key_exchange, "KE"},
    {PayloadType::identification, "ID"},
    {PayloadType::certificate, "CERT"},
    {PayloadType::certificate_request, "CR"},
    {PayloadType::hash, "HASH"},
    {PayloadType::signature, "SIG"},
    {PayloadType::nonce, "NONCE"},
    {PayloadType::notification, "N"},
    {PayloadType::delete_, "D"},
    {PayloadType::vendor_id, "VID"},
    {PayloadType::attributes, "ATTR"},
    {PayloadType::nat_d, "NAT-D"},
    {PayloadType::nat_oa, "NAT-OA"},
    {PayloadType::nat_d_draft, "NAT-D (draft)"},
    {PayloadType::nat_oa_draft, "NAT-OA (draft)"},
    {PayloadType::fragment, "fragment"},
}};

constexpr std::array<std::pair<ExchangeType, std::string_view>, 9> exchange_names{{
    {ExchangeType::none, "none"},
    {ExchangeType::base, "Base"},
    {ExchangeType::main, "Identity Protection (Main Mode)"},
    {ExchangeType::authentication_only, "Authentication Only"},
    {ExchangeType::aggressive, "Aggressive"},
    {ExchangeType::informational, "Informational"},
    {ExchangeType::transaction, "Transaction"},
    {ExchangeType::quick, "Quick Mode"},
    {ExchangeType::new_group, "New Group Mode"},
}};

constexpr std::array<std::pair<Protocol, std::string_view>, 4> protocol_names{{
    {Protocol::isakmp, "ISAKMP"},
    {Protocol::ah, "AH"},
    {Protocol::esp, "ESP"},
    {Protocol::ipcomp, "IPCOMP"},
}};

constexpr std::array<std::pair<IdType, std::string_view>, 11> id_names{{
    {IdType::ipv4_addr, "ID_IPV4_ADDR"},
    {IdType::fqdn, "ID_FQDN"},
    {IdType::user_fqdn, "ID_USER_FQDN"},
    {IdType::ipv4_addr_subnet, "ID_IPV4_ADDR_SUBNET"},
    {IdType::ipv6_addr, "ID_IPV6_ADDR"},
    {IdType::ipv6_addr_subnet, "ID_IPV6_ADDR_SUBNET"},
    {IdType::ipv4_addr_range, "ID_IPV4_ADDR_RANGE"},
    {IdType::ipv6_addr_range, "ID_IPV6_ADDR_RANGE"},
    {IdType::der_asn1_dn, "ID_DER_ASN1_DN"},
    {IdType::der_asn1_gn, "ID_DER_ASN1_GN"},
    {IdType::key_id, "ID_KEY_ID"},
}};

constexpr std::array<std::pair<NotifyType, std::string_view>, 36> notify_names{{
    {NotifyType::invalid_payload_type, "INVALID-PAYLOAD-TYPE"},
    {NotifyType::doi_not_supported, "DOI-NOT-SUPPORTED"},
    {NotifyType::situation_not_supported, "SITUATION-NOT-SUPPORTED"},
    {NotifyType::invalid_cookie, "INVALID-COOKIE"},
    {NotifyType::invalid_major_version, "INVALID-MAJOR-VERSION"},
    {NotifyType::invalid_minor_version, "INVALID-MINOR-VERSION"},
    {NotifyType::invalid_exchange_type, "INVALID-EXCHANGE-TYPE"},
    {NotifyType::invalid_flags, "INVALID-FLAGS"},
    {NotifyType::invalid_message_id, "INVALID-MESSAGE-ID"},
    {NotifyType::invalid_protocol_id, "INVALID-PROTOCOL-ID"},
    {NotifyType::invalid_spi, "INVALID-SPI"},
    {NotifyType::invalid_transform_id, "INVALID-TRANSFORM-ID"},
    {NotifyType::attributes_not_supported, "ATTRIBUTES-NOT-SUPPORTED"},
    {NotifyType::no_proposal_chosen, "NO-PROPOSAL-CHOSEN"},
    {NotifyType::bad_proposal_syntax, "BAD-PROPOSAL-SYNTAX"},
    {NotifyType::payload_malformed, "PAYLOAD-MALFORMED"},
    {NotifyType::invalid_key_information, "INVALID-KEY-INFORMATION"},
    {NotifyType::invalid_id_information, "INVALID-ID-INFORMATION"},
    {NotifyType::invalid_cert_encoding, "INVALID-CERT-ENCODING"},
    {NotifyType::invalid_certificate, "INVALID-CERTIFICATE"},
    {NotifyType::cert_type_unsupported, "CERT-TYPE-UNSUPPORTED"},
    {NotifyType::invalid_cert_authority, "INVALID-CERT-AUTHORITY"},
    {NotifyType::invalid_hash_information, "INVALID-HASH-INFORMATION"},
    {NotifyType::authentication_failed, "AUTHENTICATION-FAILED"},
    {NotifyType::invalid_signature, "INVALID-SIGNATURE"},
    {NotifyType::address_notification, "ADDRESS-NOTIFICATION"},
    {NotifyType::notify_sa_lifetime, "NOTIFY-SA-LIFETIME"},
    {NotifyType::certificate_unavailable, "CERTIFICATE-UNAVAILABLE"},
    {NotifyType::unsupported_exchange_type, "UNSUPPORTED-EXCHANGE-TYPE"},
    {NotifyType::unequal_payload_lengths, "UNEQUAL-PAYLOAD-LENGTHS"},
    {NotifyType::connected, "CONNECTED"},
    {NotifyType::responder_lifetime, "RESPONDER-LIFETIME"},
    {NotifyType::replay_status, "REPLAY-STATUS"},
    {NotifyType::initial_contact, "INITIAL-CONTACT"},
    {NotifyType::r_u_there, "R-U-THERE"},
    {NotifyType::r_u_there_ack, "R-U-THERE-ACK"},
}};

constexpr std::array<std::pair<EncapsulationMode, std::string_view>, 6> mode_names{{
    {EncapsulationMode::tunnel, "Tunnel"},
    {EncapsulationMode::transport, "Transport"},
    {EncapsulationMode::udp_tunnel, "UDP-Encapsulated-Tunnel"},
    {EncapsulationMode::udp_transport, "UDP-Encapsulated-Transport"},
    {EncapsulationMode::udp_tunnel_draft, "UDP-Encapsulated-Tunnel (draft)"},
    {EncapsulationMode::udp_transport_draft, "UDP-Encapsulated-Transport (draft)"},
}};

constexpr std::array<std::pair<Phase1Attribute, std::string_view>, 16> phase1_names{{
    {Phase1Attribute::encryption_algorithm, "Encryption Algorithm"},
    {Phase1Attribute::hash_algorithm, "Hash Algorithm"},
    {Phase1Attribute::authentication_method, "Authentication Method"},
    {Phase1Attribute::group_description, "Group Description"},
    {Phase1Attribute::group_type, "Group Type"},
    {Phase1Attribute::group_prime, "Group Prime"},
    {Phase1Attribute::group_generator_one, "Group Generator One"},
    {Phase1Attribute::group_generator_two, "Group Generator Two"},
    {Phase1Attribute::group_curve_a, "Group Curve A"},
    {Phase1Attribute::group_curve_b, "Group Curve B"},
    {Phase1Attribute::life_type, "Life Type"},
    {Phase1Attribute::life_duration, "Life Duration"},
    {Phase1Attribute::prf, "PRF"},
    {Phase1Attribute::key_length, "Key Length"},
    {Phase1Attribute::field_size, "Field Size"},
    {Phase1Attribute::group_order, "Group Order"},
}};

constexpr std::array<std::pair<Phase2Attribute, std::string_view>, 11> phase2_names{{
    {Phase2Attribute::life_type, "SA Life Type"},
    {Phase2Attribute::life_duration, "SA Life Duration"},
    {Phase2Attribute::group_description, "Group Description"},
    {Phase2Attribute::encapsulation_mode, "Encapsulation Mode"},
    {Phase2Attribute::authentication_algorithm, "Authentication Algorithm"},
    {Phase2Attribute::key_length, "Key Length"},
    {Phase2Attribute::key_rounds, "Key Rounds"},
    {Phase2Attribute::compress_dictionary_size, "Compress Dictionary Size"},
    {Phase2Attribute::compress_private_algorithm, "Compress Private Algorithm"},
    {Phase2Attribute::ecn_tunnel, "ECN Tunnel"},
    {Phase2Attribute::extended_sequence_number, "Extended Sequence Number"},
}};

}  // namespace

std::string name_of(PayloadType type) {
    return look_up<PayloadType>(payload_names, type, "payload");
}
std::string name_of(ExchangeType type) {
    return look_up<ExchangeType>(exchange_names, type, "exchange");
}
std::string name_of(Protocol protocol) {
    return look_up<Protocol>(protocol_names, protocol, "protocol");
}
std::string name_of(IdType type) {
    return look_up<IdType>(id_names, type, "ID type");
}
std::string name_of(NotifyType type) {
    return look_up<NotifyType>(notify_names, type, "notification");
}
std::string name_of(EncapsulationMode mode) {
    return look_up<EncapsulationMode>(mode_names, mode, "mode");
}
std::string name_of(Phase1Attribute type) {
    return look_up<Phase1Attribute>(phase1_names, type, "attribute");
}
std::string name_of(Phase2Attribute type) {
    return look_up<Phase2Attribute>(phase2_names, type, "attribute");
}

}  // namespace causeway::isakmp
