// What is asked of a peer that refuses a tunnel, to learn whether PFS is the reason, and what the answer means.
#include "ike/engine/pfs_trial.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <vector>

#include "base/findings.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "crypto/algorithm.hpp"
#include "ike/limits.hpp"
#include "negotiation/phase2.hpp"

namespace causeway::ike {
namespace {

using crypto::GroupId;
using negotiation::PfsGroup;

constexpr Instant now{std::chrono::seconds(1000)};

std::vector<PfsGroup> all_asked(std::vector<PfsGroup> ours, GroupId phase1) {
    PfsTrial trial;
    std::vector<PfsGroup> asked;
    while (const auto one = trial.next(ours, phase1, now)) {
        asked.push_back(*one);
    }
    return asked;
}

std::vector<config::Phase2Proposal> proposals(PfsGroup pfs) {
    config::Phase2Proposal proposal;
    proposal.pfs = pfs;
    return {proposal};
}

TEST(PfsTrial, AsksWhatWasNotRefusedEachOnceAndPhase1First) {
    EXPECT_EQ(all_asked({GroupId::modp1536}, GroupId::modp1536),
              (std::vector<PfsGroup>{std::nullopt, GroupId::modp2048, GroupId::modp1024}));
    EXPECT_EQ(all_asked({std::nullopt}, GroupId::modp2048),
              (std::vector<PfsGroup>{GroupId::modp2048, GroupId::modp1024}));
    EXPECT_EQ(all_asked({std::nullopt, GroupId::modp1024}, GroupId::modp3072),
              (std::vector<PfsGroup>{GroupId::modp3072, GroupId::modp2048}));
}

TEST(PfsTrial, WhatWouldBeAcceptedTellsTheReasonAndEndsIt) {
    const auto meaning = [](PfsGroup ours, PfsGroup accepted) {
        PfsTrial trial;
        std::optional<PfsGroup> asked;
        do {
            asked = trial.next(std::vector<PfsGroup>{ours}, GroupId::modp2048, now);
        } while (asked && *asked != accepted);
        EXPECT_TRUE(asked);
        const auto id = trial.accepted(proposals(ours), {}).id;
        EXPECT_EQ(trial.learned()->id, id);
        EXPECT_FALSE(trial.next(std::vector<PfsGroup>{ours}, GroupId::modp2048, now))
            << "nothing is left to learn";
        return id;
    };
    EXPECT_EQ(meaning(GroupId::modp1536, std::nullopt), FindingId::peer_does_no_pfs);
    EXPECT_EQ(meaning(std::nullopt, GroupId::modp2048), FindingId::peer_wants_pfs);
    EXPECT_EQ(meaning(GroupId::modp1536, GroupId::modp1024), FindingId::peer_wants_another_group);
}

TEST(PfsTrial, WhatWasAskedLongAgoIsStale) {
    PfsTrial trial;
    EXPECT_FALSE(trial.is_stale(now + limits::pfs_trial_stays)) << "nothing was asked";
    static_cast<void>(trial.next(std::vector<PfsGroup>{std::nullopt}, GroupId::modp1536, now));
    static_cast<void>(
        trial.next(std::vector<PfsGroup>{std::nullopt}, GroupId::modp1536, now + std::chrono::minutes(1)));
    EXPECT_FALSE(trial.is_stale(now + limits::pfs_trial_stays - std::chrono::seconds(1)));
    EXPECT_TRUE(trial.is_stale(now + limits::pfs_trial_stays));
}

TEST(PfsTrial, OnlyPfsIsOtherThanConfigured) {
    PfsTrial trial;
    ASSERT_TRUE(trial.next(std::vector<PfsGroup>{GroupId::modp1536}, GroupId::modp1536, now));
    const auto ours = proposals(GroupId::modp1536);
    const auto asked = trial.asked(ours);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].pfs, std::nullopt);
    EXPECT_EQ(asked[0].cipher, ours[0].cipher);
    EXPECT_EQ(asked[0].integrity, ours[0].integrity);
}

}  // namespace
}  // namespace causeway::ike
