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
    static constexpr StepRule rule{"QM-I0k", "", "our key pair", "RFC 2409 5.5", {}, {}, Protection::clear};
    QuickProgress progress;
};
struct Offered {
    static constexpr StepRule rule{
        "QM-I1",
        "HDR*, HASH(1), SA, Ni [, KE], IDci, IDcr",
        "HDR*, HASH(2), SA, Nr [, KE], IDci, IDcr",
        "RFC 2409 5.5",
        {isakmp::PayloadType::hash, isakmp::PayloadType::sa, isakmp::PayloadType::nonce},
        {isakmp::PayloadType::key_exchange, isakmp::PayloadType::identification,
         isakmp::PayloadType::notification},
        Protection::encrypted};
    QuickProgress progress;
    std::shared_ptr<const crypto::DhKey> key;  ///< null without PFS
    Bytes iv;
};
struct AgreePending {
    static constexpr StepRule rule{"QM-I1k", "", "g(qm)^xy", "RFC 2409 5.5", {}, {}, Protection::clear};
    QuickProgress progress;
    negotiation::Phase2Choice choice;
    std::optional<config::Lifetime> responder_lifetime;
    Bytes iv;
};
struct ResponderKeyPending {
    static constexpr StepRule rule{"QM-R0k",         "", "our key pair and g(qm)^xy", "RFC 2409 5.5", {}, {},
                                   Protection::clear};
    QuickProgress progress;
    negotiation::Phase2Choice choice;
    Bytes iv;
};
struct Replied {
    static constexpr StepRule rule{"QM-R1",
                                   "HDR*, HASH(2), SA, Nr [, KE], IDci, IDcr [, N(RESPONDER-LIFETIME)]",
                                   "HDR*, HASH(3)",
                                   "RFC 2409 5.5",
                                   {isakmp::PayloadType::hash},
                                   {isakmp::PayloadType::notification},
                                   Protection::encrypted};
    QuickProgress progress;
    SharedAgreement agreement;
    Bytes iv;
};
struct Completed {
    static constexpr StepRule rule{"QM-I2", "HDR*, HASH(3)",      "", "RFC 2409 5.5", {},
                                   {},      Protection::encrypted};
    QuickProgress progress;
    SharedAgreement agreement;
};
inline constexpr StepRule first_message_rule{
    "QM-R0",
    "",
    "HDR*, HASH(1), SA, Ni [, KE] [, IDci, IDcr]",
    "RFC 2409 5.5",
    {isakmp::PayloadType::hash, isakmp::PayloadType::sa, isakmp::PayloadType::nonce},
    {isakmp::PayloadType::key_exchange, isakmp::PayloadType::identification,
     isakmp::PayloadType::notification},
    Protection::encrypted};

using State = std::variant<KeyPending, Offered, AgreePending, ResponderKeyPending, Replied, Completed>;

/// The ISAKMP SA under which the exchange runs, and what an arrow leaves to be done.
struct QuickContext {
    const Keys& keys;
    ByteView last_phase1_block;
    isakmp::Cookie cky_i{};
    isakmp::Cookie cky_r{};
    Endpoint local{};
    Endpoint remote{};
    negotiation::Encapsulation encapsulation{};  ///< as Phase 1 has left it
    RandomSource& random;

    Bytes reply{};
    std::optional<DhWish> dh{};
    std::vector<Event> events{};
    std::optional<Finding> finding{};  ///< why the arrow fails, where it is more than an error's words
    std::optional<isakmp::NotifyType> complaint{};
    Bytes complaint_spi{};  ///< which offer it is about: the SPI in it (RFC 2408 3.14)

    /// What the peer proposes is not accepted: it is told, the log says why, and so does the error.
    [[nodiscard]] tl::unexpected<Error> refuse(const negotiation::Reason& reason);
};

/// Initiator: offers the tunnel's proposals that have this group. Gives KeyPending with PFS, Offered without.
Result<State> begin(const config::Tunnel& tunnel, negotiation::PfsGroup pfs, std::uint32_t own_spi,
                    std::uint32_t message_id, QuickContext& context);
Result<State> advance(const KeyPending& state, const DhResult& dh, QuickContext& context);
Result<State> advance(const Offered& state, const Message& message, QuickContext& context);
Result<State> advance(const AgreePending& state, const DhResult& dh, QuickContext& context);

/// Responder: message 1 for one of the peer's tunnels.
Result<State> respond(const config::Peer& peer, const Message& message, std::uint32_t own_spi,
                      QuickContext& context);
Result<State> advance(const ResponderKeyPending& state, const DhResult& dh, QuickContext& context);
Result<State> advance(const Replied& state, const Message& message, QuickContext& context);

}  // namespace causeway::ike::v1::quick_mode
