// Phase 2: what a Quick Mode offers, and which of a peer's ESP transforms is chosen (RFC 2409 5.5,
// RFC 2408 4.2, RFC 2407 4.4.4, 4.5). Pure; used by the daemon in both roles and by the checker.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "codec/isakmp/payloads.hpp"
#include "config/model.hpp"
#include "negotiation/encapsulation.hpp"
#include "negotiation/reason.hpp"

namespace causeway::negotiation {

struct Phase2Choice {
    crypto::CipherId cipher{};
    crypto::IntegrityId integrity{};
    std::optional<crypto::GroupId> pfs;
    config::Lifetime lifetime{};  ///< as the other side's transform says
    std::uint32_t spi = 0;        ///< the other side's inbound SPI
    isakmp::EncapsulationMode mode = isakmp::EncapsulationMode::tunnel;
    isakmp::SaPayload reply;  ///< the chosen transform unchanged, the SPI replaced by `own_spi`

    /// "aes128-sha1-modp1024", as a proposal's.
    [[nodiscard]] std::string text() const;
};

/// Nothing: Quick Mode without a Diffie-Hellman of its own.
using PfsGroup = std::optional<crypto::GroupId>;

/// The groups that are offered, in order of preference. All transforms of one Quick Mode share one
/// (RFC 2409 5.5), so it takes one Quick Mode for each to offer all.
std::vector<PfsGroup> offered_pfs(std::span<const config::Phase2Proposal> proposals);
/// The proposals that a Quick Mode with this group offers.
std::vector<config::Phase2Proposal> offered_with(std::span<const config::Phase2Proposal> proposals,
                                                 PfsGroup pfs);

/// One ESP proposal; a transform for each proposal that is `offered` and has this group.
isakmp::SaPayload offer_phase2(std::span<const config::Phase2Proposal> proposals, PfsGroup pfs,
                               const config::Lifetime& lifetime, std::uint32_t own_spi,
                               isakmp::EncapsulationMode mode);

/// Responder. A transform fits as it stands or not at all (attributes.hpp). Proposals with one number belong
/// together (RFC 2408 4.2): a number that asks for more than ESP alone, such as ESP with IPComp, is passed
/// over, and so is a reserved SPI (RFC 4303 2.1). Without a KE payload in the message only transforms without
/// PFS fit.
tl::expected<Phase2Choice, Reason> choose_phase2(std::span<const config::Phase2Proposal> accepted,
                                                 const isakmp::SaPayload& offer,
                                                 isakmp::EncapsulationMode mode, bool has_key_exchange,
                                                 std::uint32_t own_spi);

/// The same for a tunnel, in its first encapsulation that fits.
tl::expected<Phase2Choice, Reason> choose_phase2(const config::Tunnel& tunnel, const isakmp::SaPayload& offer,
                                                 const Encapsulation& encapsulation, bool has_key_exchange,
                                                 std::uint32_t own_spi);

/// Initiator: exactly one ESP transform that we offered with this group.
tl::expected<Phase2Choice, Reason> check_phase2_answer(std::span<const config::Phase2Proposal> proposals,
                                                       PfsGroup pfs, const isakmp::SaPayload& answer,
                                                       isakmp::EncapsulationMode mode, bool has_key_exchange);

/// The same to what was offered for a tunnel.
tl::expected<Phase2Choice, Reason> check_phase2_answer(const config::Tunnel& tunnel, PfsGroup pfs,
                                                       const isakmp::SaPayload& answer,
                                                       isakmp::EncapsulationMode mode, bool has_key_exchange);

/// The lifetime that a transform, or the data of a RESPONDER-LIFETIME for this phase, names
/// (RFC 2407 4.5, 4.6.3.1).
config::Lifetime lifetime_of_phase2(const isakmp::Transform& attributes);

/// The attributes that say a lifetime of this phase.
void write_lifetime_phase2(isakmp::Transform& transform, const config::Lifetime& lifetime);

std::string describe_phase2_offer(const isakmp::SaPayload& offer);

}  // namespace causeway::negotiation
