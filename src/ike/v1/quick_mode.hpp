// Quick Mode (RFC 2409 5.5), both roles, with and without PFS, as states and arrows; see main_mode.hpp for
// the form. One Quick Mode makes one pair of ESP SAs for one pair of networks.
//
//     initiator                                                  responder
//     Offered     HDR*, HASH(1), SA, Ni [, KE], IDci, IDcr  -->
//                                                          <--   HDR*, HASH(2), SA, Nr [, KE], IDci, IDcr
//                                                                                            Replied
//     Completed   HDR*, HASH(3)                             -->                                  Completed
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "ike/v1/phase1.hpp"
#include "negotiation/encapsulation.hpp"
#include "negotiation/phase2.hpp"
#include "negotiation/reason.hpp"
#include "sa/sa.hpp"

namespace causeway::ike::v1::quick_mode {

/// What both sides have said so far.
struct QuickProgress {
    bool initiator = false;
    std::uint32_t message_id = 0;
    const config::Tunnel* tunnel = nullptr;  ///< kept alive by the engine
    std::uint32_t own_spi = 0;
    negotiation::PfsGroup pfs;  ///< initiator: offered
    Bytes ni_b;
    Bytes nr_b;
    Bytes idci_b;  ///< as sent by the initiator; the responder's answer repeats the octets
    Bytes idcr_b;  ///< both empty: no ID payloads, the tunnel is between the two addresses themselves
    isakmp::EncapsulationMode mode = isakmp::EncapsulationMode::tunnel;
};

/// The outcome: what the data plane needs besides addresses.
struct Agreement {
    negotiation::Phase2Choice choice;
    sa::EspSa inbound;
    sa::EspSa outbound;
    config::Lifetime lifetime{};    ///< the shorter of both sides'
    bool lifetime_adopted = false;  ///< the peer's was shorter
};
using SharedAgreement = std::shared_ptr<const Agreement>;

struct KeyPending {
    static constexpr StepRule rule{.name = "QM-I0k",
                                   .awaits = Awaits::diffie_hellman,
                                   .awaited = "our key pair",
                                   .clause = "RFC 2409 5.5",
                                   .protection = Protection::clear};
    QuickProgress progress;
};
struct Offered {
    static constexpr StepRule rule{
        .name = "QM-I1",
        .sent = "HDR*, HASH(1), SA, Ni [, KE], IDci, IDcr",
        .awaits = Awaits::peer,
        .awaited = "HDR*, HASH(2), SA, Nr [, KE], IDci, IDcr",
        .clause = "RFC 2409 5.5",
        .required = {isakmp::PayloadType::hash, isakmp::PayloadType::sa, isakmp::PayloadType::nonce},
        .expected = {isakmp::PayloadType::key_exchange, isakmp::PayloadType::identification,
                     isakmp::PayloadType::notification},
        .protection = Protection::encrypted};
    QuickProgress progress;
    std::shared_ptr<const crypto::DhKey> key;  ///< null without PFS
    Bytes iv;
};
struct AgreePending {
    static constexpr StepRule rule{.name = "QM-I1k",
                                   .awaits = Awaits::diffie_hellman,
                                   .awaited = "g(qm)^xy",
                                   .clause = "RFC 2409 5.5",
                                   .protection = Protection::clear};
    QuickProgress progress;
    negotiation::Phase2Choice choice;
    std::optional<config::Lifetime> responder_lifetime;
    Bytes iv;
};
struct ResponderKeyPending {
    static constexpr StepRule rule{.name = "QM-R0k",
                                   .awaits = Awaits::diffie_hellman,
                                   .awaited = "our key pair and g(qm)^xy",
                                   .clause = "RFC 2409 5.5",
                                   .protection = Protection::clear};
    QuickProgress progress;
    negotiation::Phase2Choice choice;
    Bytes iv;
};
struct Replied {
    static constexpr StepRule rule{
        .name = "QM-R1",
        .sent = "HDR*, HASH(2), SA, Nr [, KE], IDci, IDcr [, N(RESPONDER-LIFETIME)]",
        .awaits = Awaits::peer,
        .awaited = "HDR*, HASH(3)",
        .clause = "RFC 2409 5.5",
        .required = {isakmp::PayloadType::hash},
        .expected = {isakmp::PayloadType::notification},
        .protection = Protection::encrypted};
    QuickProgress progress;
    SharedAgreement agreement;
    Bytes iv;
};
struct Completed {
    static constexpr StepRule rule{.name = "QM-done",
                                   .sent = "HDR*, HASH(3)",
                                   .awaits = Awaits::nothing,
                                   .clause = "RFC 2409 5.5",
                                   .protection = Protection::encrypted};
    QuickProgress progress;
    SharedAgreement agreement;
};
inline constexpr StepRule first_message_rule{
    .name = "QM-R0",
    .awaits = Awaits::peer,
    .awaited = "HDR*, HASH(1), SA, Ni [, KE] [, IDci, IDcr]",
    .clause = "RFC 2409 5.5",
    .required = {isakmp::PayloadType::hash, isakmp::PayloadType::sa, isakmp::PayloadType::nonce},
    .expected = {isakmp::PayloadType::key_exchange, isakmp::PayloadType::identification,
                 isakmp::PayloadType::notification},
    .protection = Protection::encrypted};

using State = std::variant<KeyPending, Offered, AgreePending, ResponderKeyPending, Replied, Completed>;

/// The ISAKMP SA under which the exchange runs.
struct QuickContext {
    const Keys& keys;
    ByteView last_phase1_block;
    isakmp::Cookie cky_i{};
    isakmp::Cookie cky_r{};
    Endpoint local{};
    Endpoint remote{};
    negotiation::Encapsulation encapsulation{};  ///< as Phase 1 has left it
    RandomSource& random;
};

/// Initiator: offers the tunnel's proposals that have this group: KeyPending with PFS, Offered without.
Result<std::variant<KeyPending, Offered>> begin(const config::Tunnel& tunnel, negotiation::PfsGroup pfs,
                                                std::uint32_t own_spi, std::uint32_t message_id,
                                                const QuickContext& context, Effects& effects);
Result<Offered> advance(const KeyPending& state, const DhResult& dh, const QuickContext& context,
                        Effects& effects);
Result<std::variant<AgreePending, Completed>> advance(const Offered& state, const Message& message,
                                                      const QuickContext& context, Effects& effects);
Result<Completed> advance(const AgreePending& state, const DhResult& dh, const QuickContext& context,
                          Effects& effects);

/// Responder: message 1 for one of the peer's tunnels.
Result<std::variant<ResponderKeyPending, Replied>> respond(const config::Peer& peer, const Message& message,
                                                           std::uint32_t own_spi, const QuickContext& context,
                                                           Effects& effects);
Result<Replied> advance(const ResponderKeyPending& state, const DhResult& dh, const QuickContext& context,
                        Effects& effects);
Result<Completed> advance(const Replied& state, const Message& message, const QuickContext& context,
                          Effects& effects);

/// Where an arrow has led to, as one of all states.
template <class Next>
Result<State> as_state(Result<Next> next) {
    if (!next) {
        return fail(std::move(next.error()));
    }
    if constexpr (std::is_constructible_v<State, Next>) {
        return State(std::move(*next));
    } else {
        return std::visit([](auto&& one) { return State(std::forward<decltype(one)>(one)); },
                          std::move(*next));
    }
}

}  // namespace causeway::ike::v1::quick_mode
