#include "negotiation/refusal.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "base/findings.hpp"
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

std::vector<Obstacle> every_obstacle() {
    std::vector<Obstacle> all;
    for (int i = 0; i <= static_cast<int>(Obstacle::other_networks); ++i) {
        all.push_back(static_cast<Obstacle>(i));
    }
    return all;
}

TEST(Refusal, AFindingSaysWhatItsReasonSays) {
    for (const auto obstacle : every_obstacle()) {
        for (const auto phase : {Phase::phase1, Phase::phase2}) {
            for (const bool more : {false, true}) {
                auto reason = identity_reason(obstacle);
                reason.phase = phase;
                reason.nearest =
                    more ? "hash: theirs sha256, ours sha1, group: theirs modp2048, ours modp1024" : "";
                reason.remedy = more ? "add 'option dh_group modp2048'" : "";
                const auto finding = finding_for(reason);
                EXPECT_EQ(finding.sentence(), reason.text()) << static_cast<int>(obstacle);
                EXPECT_EQ(finding.place(), reason.place);
                EXPECT_EQ(finding.severity, Severity::error);
            }
        }
    }
}

TEST(Refusal, ACodeNamesOneAttributeOnlyWhereNothingElseStandsInTheWay) {
    const struct {
        Obstacle obstacle;
        Phase phase;
        unsigned differences;
        std::string nearest;
        Code code;
    } rows[] = {
        {Obstacle::encryption, Phase::phase1, 1, "encryption: theirs 3des, ours aes128",
         Code::phase1_encryption_differs},
        {Obstacle::encryption, Phase::phase1, 1, "encryption: theirs aes256, ours aes128",
         Code::phase1_keylength_differs},
        {Obstacle::encryption, Phase::phase2, 1, "encryption: theirs aes256gcm16, ours aes128",
         Code::phase2_encryption_differs},
        {Obstacle::encryption, Phase::phase2, 1, "encryption: theirs aes256, ours aes128",
         Code::phase2_keylength_differs},
        {Obstacle::hash, Phase::phase1, 1, "hash: theirs sha256, ours sha1", Code::phase1_hash_differs},
        {Obstacle::hash, Phase::phase1, 2,
         "hash: theirs sha256, ours sha1, group: theirs modp2048, ours modp1024", Code::no_common_suite},
        {Obstacle::group, Phase::phase1, 1, "group: theirs modp2048, ours modp1024",
         Code::phase1_group_differs},
        {Obstacle::integrity, Phase::phase2, 1, "integrity: theirs sha256, ours sha1",
         Code::phase2_hash_differs},
        {Obstacle::pfs, Phase::phase2, 1, "PFS: theirs none, ours modp1024", Code::pfs_one_side},
        {Obstacle::pfs, Phase::phase2, 1, "PFS: theirs modp2048, ours none", Code::pfs_one_side},
        {Obstacle::pfs, Phase::phase2, 1, "PFS: theirs modp2048, ours modp1024", Code::pfs_group_differs},
        {Obstacle::authentication_method, Phase::phase1, 1, "authentication method: theirs RSA, ours PSK",
         Code::auth_method_differs},
        {Obstacle::esn, Phase::phase2, 1, "extended sequence numbers", Code::esn_not_spoken},
        {Obstacle::encapsulation, Phase::phase2, 1, "encapsulation: theirs transport, ours tunnel",
         Code::encapsulation_differs},
        {Obstacle::attribute, Phase::phase1, 1, "attribute 99 is unknown", Code::attribute_unknown},
        {Obstacle::not_offered, Phase::phase1, 0, "", Code::answer_not_offered},
        {Obstacle::mode, Phase::phase1, 0, "", Code::mode_mismatch},
        {Obstacle::identity, Phase::phase1, 0, "", Code::id_differs},
        {Obstacle::unknown_identity, Phase::phase1, 0, "", Code::unknown_peer},
        {Obstacle::address, Phase::phase1, 0, "", Code::unknown_peer},
        {Obstacle::networks, Phase::phase2, 0, "", Code::phase2_networks_differ},
    };
    for (const auto& row : rows) {
        auto reason = reason_of(row.obstacle, row.phase);
        reason.nearest = row.nearest;
        reason.differences = row.differences;
        EXPECT_EQ(text(finding_for(reason).code()), text(row.code)) << row.nearest;
    }
}

}  // namespace
}  // namespace causeway::negotiation
