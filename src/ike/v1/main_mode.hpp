// Main Mode with a pre-shared key (RFC 2409 5.4), both roles, as states and arrows. An arrow takes a state
// and a message and gives the next state; when it fails, the state stays as it was. Diffie-Hellman is
// computed elsewhere: the states named ...Pending wait for it.
//
//     initiator                                   responder
//     SaSent        HDR, SA              -->
//                                        <--      HDR, SA                  SaReplied
//     KeSent        HDR, KE, Ni, NAT-D   -->
//                                        <--      HDR, KE, Nr, NAT-D       KeReplied
//     AuthSent      HDR*, IDii, HASH_I   -->
//                                        <--      HDR*, IDir, HASH_R       Established
//     Established
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "ike/v1/phase1.hpp"
#include "negotiation/candidates.hpp"

namespace causeway::ike::v1::main_mode {

// ---- initiator --------------------------------------------------------------------------------------------

struct SaSent {
    static constexpr StepRule rule{
        .name = "MM-I1",
        .sent = "HDR, SA",
        .awaits = Awaits::peer,
        .awaited = "HDR, SA",
        .clause = "RFC 2409 5.4",
        .required = {isakmp::PayloadType::sa},
        .expected = {isakmp::PayloadType::vendor_id, isakmp::PayloadType::notification},
        .protection = Protection::clear};
    Progress progress;
};
struct KeyPending {
    static constexpr StepRule rule{.name = "MM-I1k",
                                   .awaits = Awaits::diffie_hellman,
                                   .awaited = "our key pair",
                                   .clause = "RFC 2409 5.4",
                                   .protection = Protection::clear};
    Progress progress;
};
struct KeSent {
    static constexpr StepRule rule{
        .name = "MM-I2",
        .sent = "HDR, KE, Ni [, NAT-D, NAT-D]",
        .awaits = Awaits::peer,
        .awaited = "HDR, KE, Nr [, NAT-D, NAT-D]",
        .clause = "RFC 2409 5.4, RFC 3947 3.2",
        .required = {isakmp::PayloadType::key_exchange, isakmp::PayloadType::nonce},
        .expected = {isakmp::PayloadType::nat_d, isakmp::PayloadType::nat_d_draft,
                     isakmp::PayloadType::vendor_id, isakmp::PayloadType::certificate_request},
        .protection = Protection::clear};
    Progress progress;
    std::shared_ptr<const crypto::DhKey> key;
};
/// Holds KeSent, to go back to it when the peer's value is refused: message 4 is in clear and may be forged.
struct AgreePending {
    static constexpr StepRule rule{.name = "MM-I2k",
                                   .awaits = Awaits::diffie_hellman,
                                   .awaited = "g^xy",
                                   .clause = "RFC 2409 5.4",
                                   .protection = Protection::clear};
    KeSent before;
    Progress progress;
};
struct AuthSent {
    static constexpr StepRule rule{
        .name = "MM-I3",
        .sent = "HDR*, IDii, HASH_I [, N(INITIAL-CONTACT)]",
        .awaits = Awaits::peer,
        .awaited = "HDR*, IDir, HASH_R",
        .clause = "RFC 2409 5.4",
        .required = {isakmp::PayloadType::identification, isakmp::PayloadType::hash},
        .expected = {isakmp::PayloadType::notification, isakmp::PayloadType::vendor_id},
        .protection = Protection::encrypted};
    Progress progress;
    SharedKeys keys;
    Bytes iv;  ///< last block of message 5
    config::Identity local_id;
};

/// Message 1.
SaSent begin(const config::Peer& peer, const Context& context, Effects& effects);
Result<KeyPending> advance(const SaSent& state, const Message& message, const Context& context,
                           Effects& effects);
Result<KeSent> advance(const KeyPending& state, const DhResult& dh, const Context& context, Effects& effects);
Result<AgreePending> advance(const KeSent& state, const Message& message, const Context& context,
                             Effects& effects);
Result<AuthSent> advance(const AgreePending& state, const DhResult& dh, const Context& context,
                         Effects& effects);
Result<Established> advance(const AuthSent& state, const Message& message, const Context& context,
                            Effects& effects);

// ---- responder --------------------------------------------------------------------------------------------

struct SaReplied {
    static constexpr StepRule rule{
        .name = "MM-R1",
        .sent = "HDR, SA",
        .awaits = Awaits::peer,
        .awaited = "HDR, KE, Ni [, NAT-D, NAT-D]",
        .clause = "RFC 2409 5.4, RFC 3947 3.2",
        .required = {isakmp::PayloadType::key_exchange, isakmp::PayloadType::nonce},
        .expected = {isakmp::PayloadType::nat_d, isakmp::PayloadType::nat_d_draft,
                     isakmp::PayloadType::vendor_id, isakmp::PayloadType::certificate_request},
        .protection = Protection::clear};
    Progress progress;
    negotiation::Candidates candidates;
};
/// Holds SaReplied, to go back to it when the peer's value is refused: message 3 is in clear and may be
/// forged.
struct ResponderKeyPending {
    static constexpr StepRule rule{.name = "MM-R1k",
                                   .awaits = Awaits::diffie_hellman,
                                   .awaited = "our key pair and g^xy",
                                   .clause = "RFC 2409 5.4",
                                   .protection = Protection::clear};
    SaReplied before;
    Progress progress;
};
/// The keys that one of the candidates would have.
struct KeysOfPeer {
    const config::Peer* owner = nullptr;
    SharedKeys keys;
};
struct KeReplied {
    static constexpr StepRule rule{
        .name = "MM-R2",
        .sent = "HDR, KE, Nr [, NAT-D, NAT-D]",
        .awaits = Awaits::peer,
        .awaited = "HDR*, IDii, HASH_I",
        .clause = "RFC 2409 5.4",
        .required = {isakmp::PayloadType::identification, isakmp::PayloadType::hash},
        .expected = {isakmp::PayloadType::notification, isakmp::PayloadType::vendor_id},
        .protection = Protection::encrypted};
    Progress progress;
    negotiation::Candidates candidates;
    std::shared_ptr<const Secret> gxy;
    std::vector<KeysOfPeer> likely;  ///< derived once: any number of unreadable messages 5 costs little
    std::size_t others = 0;          ///< keys that would have to be derived for each message
};

/// The rule of a responder that has seen nothing yet.
inline constexpr StepRule first_message_rule{.name = "MM-R0",
                                             .awaits = Awaits::peer,
                                             .awaited = "HDR, SA",
                                             .clause = "RFC 2409 5.4",
                                             .required = {isakmp::PayloadType::sa},
                                             .expected = {isakmp::PayloadType::vendor_id},
                                             .protection = Protection::clear};

/// Message 1 arrives.
Result<SaReplied> respond(const negotiation::Candidates& candidates, const Message& message,
                          const Context& context, Effects& effects);
Result<ResponderKeyPending> advance(const SaReplied& state, const Message& message, const Context& context,
                                    Effects& effects);
Result<KeReplied> advance(const ResponderKeyPending& state, const DhResult& dh, const Context& context,
                          Effects& effects);
/// Message 5: the key is found by trial among the candidates, the likeliest first, then the identity names
/// the peer, and mode and transform are checked again against that peer. Fails with Errc::limit, without
/// having tried them all, when more keys would have to be derived than context.trial_allowance.
Result<Established> advance(const KeReplied& state, const Message& message, const Context& context,
                            Effects& effects);

using State = std::variant<SaSent, KeyPending, KeSent, AgreePending, AuthSent, SaReplied, ResponderKeyPending,
                           KeReplied>;

}  // namespace causeway::ike::v1::main_mode
