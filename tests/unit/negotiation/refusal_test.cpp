#include "negotiation/refusal.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "unit/negotiation/peers.hpp"

namespace causeway::negotiation {
namespace {

using isakmp::NotifyType;

Reason reason_of(Obstacle obstacle, Phase phase = Phase::phase1) {
    Reason reason;
    reason.obstacle = obstacle;
    reason.offered = "OFFERED";
    reason.accepted = "ACCEPTED";
    reason.phase = phase;
    reason.subject = "eltern";
    reason.place = line(12);
    return reason;
}

Reason identity_reason(Obstacle obstacle) {
    auto reason = reason_of(obstacle);
    reason.identity = config::Identity::fqdn("gw.example.org");
    return reason;
}

TEST(Refusal, ThePeerHearsOfIdentitiesAndNetworksOrThatNoProposalWasChosen) {
    for (const auto obstacle :
         {Obstacle::identity, Obstacle::unknown_identity, Obstacle::networks, Obstacle::other_networks}) {
        EXPECT_EQ(notification_for(reason_of(obstacle)), NotifyType::invalid_id_information);
    }
    for (const auto obstacle :
         {Obstacle::address, Obstacle::mode, Obstacle::nothing_offered, Obstacle::several_answers,
          Obstacle::encryption, Obstacle::pfs, Obstacle::encapsulation, Obstacle::esn, Obstacle::not_offered,
          Obstacle::chosen}) {
        EXPECT_EQ(notification_for(reason_of(obstacle)), NotifyType::no_proposal_chosen);
    }
}

TEST(Refusal, EveryReasonHasItsLineInTheLog) {
    const struct {
        Reason reason;
        EventCode code;
        std::string text;
    } rows[] = {
        {reason_of(Obstacle::address), EventCode::phase1_unknown_peer,
         "192.0.2.1[500] starts OFFERED, but fits no configured peer: no peer has this address"},
        {reason_of(Obstacle::mode), EventCode::phase1_mode_mismatch,
         "192.0.2.1[500] uses OFFERED, ipsec:12 says ACCEPTED: refused; set the same mode at both ends, or "
         "let "
         "both be answered: accept_either_mode '1' in the section of the peer, for a vpncfg causewayd "
         "--accept-either-mode"},
        {identity_reason(Obstacle::identity), EventCode::phase1_id_mismatch,
         "192.0.2.1[500] identifies itself as FQDN gw.example.org, expected ACCEPTED (ipsec:12); change the "
         "identity at one end"},
        {identity_reason(Obstacle::unknown_identity), EventCode::phase1_id_mismatch,
         "192.0.2.1[500] identifies itself as FQDN gw.example.org, expected ACCEPTED (ipsec:12); change the "
         "identity at one end"},
        {reason_of(Obstacle::hash), EventCode::phase1_no_proposal,
         "no common Phase 1 proposal with 192.0.2.1[500]: they offer OFFERED; we accept ACCEPTED (ipsec:12)"},
        {reason_of(Obstacle::pfs, Phase::phase2), EventCode::phase2_no_proposal,
         "no common Phase 2 proposal with 192.0.2.1[500]: they offer OFFERED; we accept ACCEPTED (ipsec:12)"},
        {reason_of(Obstacle::not_offered), EventCode::phase1_no_proposal,
         "no common Phase 1 proposal with 192.0.2.1[500]: they answer OFFERED, which was not offered; we "
         "offered "
         "ACCEPTED"},
        {reason_of(Obstacle::several_answers, Phase::phase2), EventCode::phase2_no_proposal,
         "no common Phase 2 proposal with 192.0.2.1[500]: the answer is not exactly one transform: OFFERED"},
        {reason_of(Obstacle::chosen), EventCode::phase1_no_proposal,
         "no common Phase 1 proposal with 192.0.2.1[500]: OFFERED was chosen before the identity was known, "
         "but "
         "ipsec:12 does not admit it"},
        {reason_of(Obstacle::networks, Phase::phase2), EventCode::phase2_wrong_networks,
         "192.0.2.1[500] wants OFFERED, configured are ACCEPTED (ipsec:12); the networks must be the same at "
         "both "
         "ends"},
        {reason_of(Obstacle::other_networks, Phase::phase2), EventCode::phase2_wrong_networks,
         "192.0.2.1[500] wants OFFERED, configured are ACCEPTED (ipsec:12); the networks must be the same at "
         "both "
         "ends"},
    };
    for (const auto& row : rows) {
        const auto event = event_for(row.reason, {at("192.0.2.1"), 500});
        EXPECT_EQ(event.code, row.code) << row.text;
        EXPECT_EQ(event.subject, "eltern") << row.text;
        EXPECT_EQ(event.text(), "eltern: " + row.text);
    }
}

TEST(Refusal, WhereNothingIsConfiguredThereIsNoPlaceToName) {
    auto reason = reason_of(Obstacle::networks, Phase::phase2);
    reason.accepted.clear();
    EXPECT_EQ(event_for(reason, {at("192.0.2.1"), 500}).field("place"), "");
}

}  // namespace
}  // namespace causeway::negotiation
