// Quick Mode (RFC 2409 5.5), both roles, with and without PFS, as states and arrows; see main_mode.hpp for
// the form. One Quick Mode makes one pair of ESP SAs for one pair of networks.
//
//     initiator                                                  responder
//     Offered     HDR*, HASH(1), SA, Ni [, KE], IDci, IDcr  -->
//                                                          <--   HDR*, HASH(2), SA, Nr [, KE], IDci, IDcr
//                                                          Replied
//     Completed   HDR*, HASH(3)                             -->
//                                                                                                          Completed
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ike/v1/phase1.hpp"
#include "negotiation/phase2.hpp"
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
    /// UDP encapsulation as agreed in Phase 1 (RFC 3947 5.1), or plain tunnel mode.
    isakmp::EncapsulationMode mode = isakmp::EncapsulationMode::tunnel;
    RandomSource& random;
    std::string peer{};
    bool mode_open = false;  ///< Phase 1 has left open whether there is a NAT: the initiator's mode is taken

    Bytes reply{};
    std::optional<DhWish> dh{};
    std::vector<Event> events{};
    std::optional<isakmp::NotifyType> complaint{};
    Bytes complaint_spi{};  ///< which offer it is about: the SPI in it (RFC 2408 3.14)

    void report(EventCode code, std::vector<std::pair<std::string, std::string>> fields,
                const std::string& subject);
};

/// Initiator: offers the tunnel's proposals that have this group. Gives KeyPending with PFS, Offered without.
Result<State> begin(const config::Tunnel& tunnel, negotiation::PfsGroup pfs, std::uint32_t own_spi,
                    std::uint32_t message_id, QuickContext& context);
Result<State> advance(const KeyPending& state, const DhResult& dh, QuickContext& context);
Result<State> advance(const Offered& state, const Message& message, QuickContext& context);
Result<State> advance(const AgreePending& state, const DhResult& dh, QuickContext& context);

/// Responder: message 1 for one of the tunnels.
Result<State> respond(std::span<const config::Tunnel* const> tunnels, const Message& message,
                      std::uint32_t own_spi, QuickContext& context);
Result<State> advance(const ResponderKeyPending& state, const DhResult& dh, QuickContext& context);
Result<State> advance(const Replied& state, const Message& message, QuickContext& context);

/// The network an ID payload names (RFC 2407 4.6.2); nothing when it is none, or its mask has holes.
std::optional<TrafficSelector> selector_of(const isakmp::Identification& id);
/// ID_IPV4_ADDR_SUBNET with a mask, as the box and strongSwan expect it; /32 too.
isakmp::Identification id_of(const TrafficSelector& selector);

}  // namespace causeway::ike::v1::quick_mode
