// Aggressive Mode with a pre-shared key (RFC 2409 5.4), both roles, as states and arrows; see main_mode.hpp
// for the form.
//
//     initiator                                              responder
//     SaSent        HDR, SA, KE, Ni, IDii             -->
//                                                     <--    HDR, SA, KE, Nr, IDir, HASH_R, NAT-D Replied
//     Established   HDR*, HASH_I, NAT-D               -->
//                                                                                                      Established
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "ike/v1/phase1.hpp"
#include "negotiation/candidates.hpp"

namespace causeway::ike::v1::aggressive_mode {

// ---- initiator --------------------------------------------------------------------------------------------

struct KeyPending {
    static constexpr StepRule rule{.name = "AM-I0k",
                                   .awaits = Awaits::diffie_hellman,
                                   .awaited = "our key pair",
                                   .clause = "RFC 2409 5.4",
                                   .protection = Protection::clear};
    Progress progress;
};
struct SaSent {
    static constexpr StepRule rule{
        .name = "AM-I1",
        .sent = "HDR, SA, KE, Ni, IDii",
        .awaits = Awaits::peer,
        .awaited = "HDR, SA, KE, Nr, IDir, HASH_R [, NAT-D, NAT-D]",
        .clause = "RFC 2409 5.4, RFC 3947 3.2",
        .required = {isakmp::PayloadType::sa, isakmp::PayloadType::key_exchange, isakmp::PayloadType::nonce,
                     isakmp::PayloadType::identification, isakmp::PayloadType::hash},
        .expected = {isakmp::PayloadType::vendor_id, isakmp::PayloadType::nat_d,
                     isakmp::PayloadType::nat_d_draft, isakmp::PayloadType::notification},
        .protection = Protection::clear};
    Progress progress;
    std::shared_ptr<const crypto::DhKey> key;
    Bytes idii_b;
};
/// Holds SaSent, to go back to it when HASH_R turns out wrong: message 2 is in clear and may be forged.
struct AgreePending {
    static constexpr StepRule rule{.name = "AM-I1k",
                                   .awaits = Awaits::diffie_hellman,
                                   .awaited = "g^xy",
                                   .clause = "RFC 2409 5.4",
                                   .protection = Protection::clear};
    SaSent before;
    Progress progress;
    Bytes idir_b;
    Bytes hash_r;
    std::vector<isakmp::Payload> payloads;  ///< of message 2, for notifications
};

/// Offers the peer's proposals that have this group: KE is in message 1 (RFC 2409 5.4).
KeyPending begin(const config::Peer& peer, crypto::GroupId group, const Context& context, Effects& effects);
Result<SaSent> advance(const KeyPending& state, const DhResult& dh, const Context& context, Effects& effects);
Result<AgreePending> advance(const SaSent& state, const Message& message, const Context& context,
                             Effects& effects);
Result<Established> advance(const AgreePending& state, const DhResult& dh, const Context& context,
                            Effects& effects);

// ---- responder --------------------------------------------------------------------------------------------

struct ResponderKeyPending {
    static constexpr StepRule rule{.name = "AM-R0k",
                                   .awaits = Awaits::diffie_hellman,
                                   .awaited = "our key pair and g^xy",
                                   .clause = "RFC 2409 5.4",
                                   .protection = Protection::clear};
    Progress progress;
    Bytes idii_b;
};
struct Replied {
    static constexpr StepRule rule{
        .name = "AM-R1",
        .sent = "HDR, SA, KE, Nr, IDir, HASH_R [, NAT-D, NAT-D]",
        .awaits = Awaits::peer,
        .awaited = "HDR*, HASH_I [, NAT-D, NAT-D]",
        .clause = "RFC 2409 5.4, RFC 3947 3.2",
        .required = {isakmp::PayloadType::hash},
        .expected = {isakmp::PayloadType::nat_d, isakmp::PayloadType::nat_d_draft,
                     isakmp::PayloadType::notification, isakmp::PayloadType::vendor_id},
        .protection = Protection::either};
    Progress progress;
    SharedKeys keys;
    Bytes idii_b;
    config::Identity local_id;
    config::Identity remote_id;
};
inline constexpr StepRule first_message_rule{
    .name = "AM-R0",
    .awaits = Awaits::peer,
    .awaited = "HDR, SA, KE, Ni, IDii",
    .clause = "RFC 2409 5.4",
    .required = {isakmp::PayloadType::sa, isakmp::PayloadType::key_exchange, isakmp::PayloadType::nonce,
                 isakmp::PayloadType::identification},
    .expected = {isakmp::PayloadType::vendor_id},
    .protection = Protection::clear};

/// Message 1 arrives. Among the candidates, the identity names the peer at once.
/// When its Diffie-Hellman value is refused the exchange exists all the same, and nothing is computed for it
/// (effects.value_refused): it holds its place until it is forgotten.
Result<ResponderKeyPending> respond(const negotiation::Candidates& candidates, const Message& message,
                                    const Context& context, Effects& effects);
Result<Replied> advance(const ResponderKeyPending& state, const DhResult& dh, const Context& context,
                        Effects& effects);
Result<Established> advance(const Replied& state, const Message& message, const Context& context,
                            Effects& effects);

using State = std::variant<KeyPending, SaSent, AgreePending, ResponderKeyPending, Replied>;

}  // namespace causeway::ike::v1::aggressive_mode
