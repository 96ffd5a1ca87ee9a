// The messages that a probe sends, and what the NAT hashes of an answer say. Pure. No message holds a key, one holds an
// identity (aggressive_1), and none completes an exchange.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "codec/isakmp/version2.hpp"
#include "config/model.hpp"
#include "negotiation/encapsulation.hpp"
#include "negotiation/phase1.hpp"
#include "probe/report.hpp"

namespace causeway::probe {

using Suites = std::vector<config::Phase1Proposal>;

/// Of one exchange, as our side knows them.
struct Between {
    isakmp::Cookie cky_i{};
    isakmp::Cookie cky_r{};
    Endpoint local;
    Endpoint remote;
};

/// What our side draws for a key exchange: a Diffie-Hellman public value, whose private half is thrown away, and a
/// nonce.
struct Drawn {
    Bytes public_value;
    Bytes nonce;
};

/// Main Mode, message 1 (RFC 2409 5): every suite, and the Vendor IDs that causeway sends.
Bytes main_mode_1(const isakmp::Cookie& cky_i, std::span<const config::Phase1Proposal> suites);
/// Main Mode, message 3, with NAT-D (RFC 3947 3.2): its answer says whether there is a NAT.
Bytes main_mode_3(const Between& between, crypto::HashId hash, negotiation::NatVariant variant,
                  const Drawn& drawn);
/// Aggressive Mode, message 1: it tells the peer, and everybody on the way, this identity.
Bytes aggressive_1(const isakmp::Cookie& cky_i, std::span<const config::Phase1Proposal> suites,
                   const Drawn& drawn, const isakmp::Identification& identity);
/// NO-PROPOSAL-CHOSEN to an exchange that a peer holds half open for us after message 2, so that it may forget it (RFC 2408
/// 5.4 allows it, 3.14 the form). charon 5.9.8 does, and holds no more than five for one address (block_threshold). Once
/// there are keys it takes nothing in clear: what has got to message 3, or to Aggressive Mode's message 2, expires.
Bytes parting(const isakmp::Cookie& cky_i, const isakmp::Cookie& cky_r);

/// The group of the public value that goes with init_request().
inline constexpr auto version2_group = crypto::GroupId::modp2048;
/// IKEv2, IKE_SA_INIT (RFC 7296 1.2).
Bytes init_request(const Between& between, const Drawn& drawn);
/// "aes256-sha256-modp2048" of what an IKEv2 responder chose; numbers that are not known here as numbers.
std::string suite_of(const isakmp::version2::Proposal& chosen);

/// NAT-D payloads of a message 4 (RFC 3947 3.2): unknown where there is none.
Nat nat_told(std::span<const isakmp::Payload> payloads, const Between& between, crypto::HashId hash,
             negotiation::NatVariant variant);
/// NAT_DETECTION_* of an answer to IKE_SA_INIT (RFC 7296 2.23).
Nat nat_told(const isakmp::version2::InitAnswer& answer, const Between& between);

}  // namespace causeway::probe
