// Phase 1: what we offer, and which of a peer's transforms is chosen (RFC 2409 5, RFC 2408 4.2, RFC 2407 4.4.2).
// Pure; used by the daemon in both roles and by the checker, so that the two can never disagree.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "codec/isakmp/payloads.hpp"
#include "config/model.hpp"
#include "negotiation/candidates.hpp"
#include "negotiation/reason.hpp"

namespace causeway::negotiation {

struct Phase1Choice {
    crypto::CipherId cipher{};
    crypto::HashId hash{};
    crypto::GroupId group{};
    config::Lifetime lifetime{};  ///< as the other side's transform says; 28800 s when it says nothing
    isakmp::SaPayload reply;      ///< the chosen transform with its attributes unchanged (RFC 2408 4.2)

    /// "aes128-sha1-modp1024", as a proposal's.
    [[nodiscard]] std::string text() const;
};

/// The lifetime that holds when a transform names none (RFC 2407 4.5).
inline constexpr std::uint32_t default_lifetime_seconds = 28800;

/// The groups that are offered, in order of preference. Main Mode offers all at once, Aggressive Mode one
/// (RFC 2409 5.4).
std::vector<crypto::GroupId> offered_groups(std::span<const config::Phase1Proposal> proposals);
/// The proposals that an Aggressive Mode with this group offers.
std::vector<config::Phase1Proposal> offered_with(std::span<const config::Phase1Proposal> proposals,
                                                 crypto::GroupId group);

/// One proposal, one transform for each proposal marked `offered`, numbered from 1 in order of preference.
isakmp::SaPayload offer_phase1(std::span<const config::Phase1Proposal> proposals,
                               const config::Lifetime& lifetime);

/// Responder: our order of preference decides. Several `accepted` lists may be passed joined, where the peer
/// is not known yet.
tl::expected<Phase1Choice, Reason> choose_phase1(std::span<const config::Phase1Proposal> accepted,
                                                 const isakmp::SaPayload& offer);

/// Responder, Aggressive Mode: the identity has named the peer.
tl::expected<Phase1Choice, Reason> choose_phase1(const config::Peer& peer, const isakmp::SaPayload& offer);
/// Responder, message 1 of Main Mode: nobody is named yet, so it takes one candidate who may use that mode,
/// and one who accepts the transform. Asked again when the identity has named the peer. Not for empty
/// candidates.
tl::expected<Phase1Choice, Reason> choose_phase1(const Candidates& candidates,
                                                 const isakmp::SaPayload& offer);
/// Responder, message 5 of Main Mode: does the peer that the identity has named accept what was chosen?
tl::expected<void, Reason> check_chosen(const config::Peer& peer, const Phase1Choice& chosen);

/// Initiator: the answer must be exactly one transform that we offered.
tl::expected<Phase1Choice, Reason> check_phase1_answer(std::span<const config::Phase1Proposal> proposals,
                                                       const isakmp::SaPayload& answer);

/// The same to what was offered to a peer. Main Mode offers all groups at once; nothing: it was that.
tl::expected<Phase1Choice, Reason> check_phase1_answer(const config::Peer& peer,
                                                       std::optional<crypto::GroupId> group,
                                                       const isakmp::SaPayload& answer);

/// Is this suite among the accepted ones?
bool accepts(std::span<const config::Phase1Proposal> accepted, crypto::CipherId cipher, crypto::HashId hash,
             crypto::GroupId group);

/// The lifetime that a transform, or the data of a RESPONDER-LIFETIME for this phase, names
/// (RFC 2407 4.5, 4.6.3.1).
config::Lifetime lifetime_of_phase1(const isakmp::Transform& attributes);

/// All transforms of an offer in words, at most ten and then a count.
std::string describe_phase1_offer(const isakmp::SaPayload& offer);

}  // namespace causeway::negotiation
