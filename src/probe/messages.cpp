#include "probe/messages.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <initializer_list>
#include <utility>

#include "codec/isakmp/vendor.hpp"
#include "crypto/algorithm.hpp"
#include "crypto/ikev1_keys.hpp"

namespace causeway::probe {

namespace {

namespace version2 = isakmp::version2;
using isakmp::Payload;
using isakmp::PayloadType;
using isakmp::Vendor;
using negotiation::NatVariant;

/// RFC 2407 4.5 has a lifetime in every transform; this is the default, which every peer takes.
constexpr config::Lifetime lifetime{negotiation::default_lifetime_seconds, 0};

isakmp::Header header_of(const isakmp::Cookie& cky_i, const isakmp::Cookie& cky_r,
                         isakmp::ExchangeType exchange) {
    isakmp::Header header;
    header.cky_i = cky_i;
    header.cky_r = cky_r;
    header.exchange = exchange;
    return header;
}

Payload offer(std::span<const config::Phase1Proposal> suites) {
    return {PayloadType::sa, isakmp::encode(negotiation::offer_phase1(suites, lifetime))};
}

void add_vendors(std::vector<Payload>& payloads) {
    for (const auto vendor : {Vendor::dpd, Vendor::causeway, Vendor::nat_t_rfc3947, Vendor::nat_t_draft_03,
                              Vendor::nat_t_draft_02_n, Vendor::nat_t_draft_02}) {
        payloads.push_back({PayloadType::vendor_id, to_bytes(isakmp::vendor_id(vendor))});
    }
}

PayloadType nat_d_type(NatVariant variant) {
    return variant == NatVariant::rfc3947 ? PayloadType::nat_d : PayloadType::nat_d_draft;
}

Bytes nat_hash(const Between& between, crypto::HashId hash, const Endpoint& end) {
    return crypto::nat_d_hash(hash, between.cky_i, between.cky_r, end.address.octets(), end.port);
}

Nat judged(bool here, bool there) {
    return here && there ? Nat::both : here ? Nat::here : there ? Nat::there : Nat::none;
}

// IANA, "Internet Key Exchange Version 2 (IKEv2) Parameters": those of RFC 7296 3.3.2, RFC 4868 and RFC 5282 that every
// daemon of today takes. The groups have the numbers of IKEv1.
constexpr std::uint16_t encryption_aes_cbc = 12;
constexpr std::uint16_t encryption_aes_gcm_16 = 20;
struct Named {
    std::uint16_t id;
    std::string_view name;
};
constexpr std::array prfs{Named{2, "sha1"}, Named{5, "sha256"}, Named{6, "sha384"}, Named{7, "sha512"}};
constexpr std::array integrities{Named{2, "sha1"}, Named{12, "sha256"}, Named{13, "sha384"},
                                 Named{14, "sha512"}};
constexpr std::array groups{crypto::GroupId::modp2048, crypto::GroupId::modp3072, crypto::GroupId::modp4096,
                            crypto::GroupId::ecp256,   crypto::GroupId::ecp384,   crypto::GroupId::x25519,
                            crypto::GroupId::modp1536, crypto::GroupId::modp1024};

std::vector<version2::Proposal> version2_proposals() {
    using version2::TransformType;
    version2::Proposal cbc;
    version2::Proposal gcm;
    for (const auto bits : {std::uint16_t{256}, std::uint16_t{128}}) {
        cbc.push_back({TransformType::encryption, encryption_aes_cbc, bits});
        gcm.push_back({TransformType::encryption, encryption_aes_gcm_16, bits});
    }
    for (const auto& integrity : integrities) {
        cbc.push_back({TransformType::integrity, integrity.id, {}});
    }
    for (auto* const proposal : {&cbc, &gcm}) {
        for (const auto& prf : prfs) {
            proposal->push_back({TransformType::prf, prf.id, {}});
        }
        for (const auto group : groups) {
            proposal->push_back({TransformType::group, static_cast<std::uint16_t>(group), {}});
        }
    }
    return {cbc, gcm};
}

template <std::size_t count>
std::string name_in(const std::array<Named, count>& names, std::uint16_t id) {
    const auto* const found = std::ranges::find(names, id, &Named::id);
    return found != names.end() ? std::string(found->name) : fmt::format("{}", id);
}

std::string name_of_cipher(const version2::Transform& transform) {
    const auto bits = transform.key_bits ? fmt::format("{}", *transform.key_bits) : std::string();
    return transform.id == encryption_aes_cbc      ? "aes" + bits
           : transform.id == encryption_aes_gcm_16 ? fmt::format("aes{}gcm16", bits)
                                                   : fmt::format("cipher {}", transform.id);
}

}  // namespace

Bytes main_mode_1(const isakmp::Cookie& cky_i, std::span<const config::Phase1Proposal> suites) {
    std::vector<Payload> payloads{offer(suites)};
    add_vendors(payloads);
    return isakmp::encode_message(header_of(cky_i, {}, isakmp::ExchangeType::main), payloads);
}

Bytes main_mode_3(const Between& between, crypto::HashId hash, NatVariant variant, const Drawn& drawn) {
    const auto type = nat_d_type(variant);
    const std::vector<Payload> payloads{{PayloadType::key_exchange, drawn.public_value},
                                        {PayloadType::nonce, drawn.nonce},
                                        {type, nat_hash(between, hash, between.remote)},
                                        {type, nat_hash(between, hash, between.local)}};
    return isakmp::encode_message(header_of(between.cky_i, between.cky_r, isakmp::ExchangeType::main),
                                  payloads);
}

Bytes aggressive_1(const isakmp::Cookie& cky_i, std::span<const config::Phase1Proposal> suites,
                   const Drawn& drawn, const isakmp::Identification& identity) {
    std::vector<Payload> payloads{offer(suites),
                                  {PayloadType::key_exchange, drawn.public_value},
                                  {PayloadType::nonce, drawn.nonce},
                                  {PayloadType::identification, isakmp::encode(identity)}};
    add_vendors(payloads);
    return isakmp::encode_message(header_of(cky_i, {}, isakmp::ExchangeType::aggressive), payloads);
}

Bytes parting(const isakmp::Cookie& cky_i, const isakmp::Cookie& cky_r) {
    isakmp::Notification notification;
    notification.type = isakmp::NotifyType::no_proposal_chosen;
    append(notification.spi, cky_i);
    append(notification.spi, cky_r);
    const std::vector<Payload> payloads{{PayloadType::notification, isakmp::encode(notification)}};
    return isakmp::encode_message(header_of(cky_i, cky_r, isakmp::ExchangeType::informational), payloads);
}

Bytes init_request(const Between& between, const Drawn& drawn) {
    const auto hash_of = [&](const Endpoint& end) { return nat_hash(between, crypto::HashId::sha1, end); };
    return version2::encode(version2::InitRequest{.spi_i = between.cky_i,
                                                  .proposals = version2_proposals(),
                                                  .group = static_cast<std::uint16_t>(version2_group),
                                                  .public_value = drawn.public_value,
                                                  .nonce = drawn.nonce,
                                                  .nat_source = hash_of(between.local),
                                                  .nat_destination = hash_of(between.remote)});
}

std::string suite_of(const version2::Proposal& chosen) {
    std::string cipher;
    std::string prf;
    std::string integrity;
    std::string group;
    for (const auto& transform : chosen) {
        switch (transform.type) {
            case version2::TransformType::encryption:
                cipher = name_of_cipher(transform);
                break;
            case version2::TransformType::prf:
                prf = "-" + name_in(prfs, transform.id);
                break;
            case version2::TransformType::integrity:
                integrity = "-" + name_in(integrities, transform.id);
                break;
            case version2::TransformType::group: {
                const auto known = crypto::group_from_number(transform.id);
                group = known ? fmt::format("-{}", crypto::info(*known).name)
                              : fmt::format("-group {}", transform.id);
                break;
            }
        }
    }
    // strongSwan's way: the hash of the integrity; that of the PRF where there is none of its own.
    return cipher + (integrity.empty() ? prf : integrity) + group;
}

Nat nat_told(std::span<const Payload> payloads, const Between& between, crypto::HashId hash,
             NatVariant variant) {
    std::vector<Bytes> hashes;
    for (const auto& payload : payloads) {
        if (payload.type == nat_d_type(variant)) {
            hashes.push_back(payload.body);
        }
    }
    if (hashes.size() < 2) {
        return Nat::unknown;
    }
    // The first one is about the receiver, that is us; the others about all addresses that the peer may send from.
    return judged(
        hashes.front() != nat_hash(between, hash, between.local),
        std::find(hashes.begin() + 1, hashes.end(), nat_hash(between, hash, between.remote)) == hashes.end());
}

Nat nat_told(const version2::InitAnswer& answer, const Between& between) {
    if (answer.nat_source.empty() || answer.nat_destination.empty()) {
        return Nat::unknown;
    }
    return judged(answer.nat_destination != nat_hash(between, crypto::HashId::sha1, between.local),
                  answer.nat_source != nat_hash(between, crypto::HashId::sha1, between.remote));
}

}  // namespace causeway::probe
