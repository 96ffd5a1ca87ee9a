#include "negotiation/phase1.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "unit/negotiation/peers.hpp"

namespace causeway::negotiation {
namespace {

using config::ExchangeMode;
using config::Phase1Proposal;
using crypto::CipherId;
using crypto::GroupId;
using crypto::HashId;

const Phase1Proposal weak{CipherId::aes_cbc_128, HashId::sha1, GroupId::modp1024, true, {}};
const Phase1Proposal strong{CipherId::aes_cbc_256, HashId::sha2_512, GroupId::modp2048, true, {}};

isakmp::SaPayload offer_of(const std::vector<Phase1Proposal>& proposals) {
    return offer_phase1(proposals, {3600, 0});
}

TEST(Phase1OfAPeer, AReasonNamesThePeerAndItsProposals) {
    const auto peer = peer_of({.proposals = {weak}});
    EXPECT_TRUE(choose_phase1(peer, offer_of({strong, weak})));
    const auto refused = choose_phase1(peer, offer_of({strong}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::encryption);
    EXPECT_EQ(refused.error().phase, Phase::phase1);
    EXPECT_EQ(refused.error().subject, "eltern");
    EXPECT_EQ(refused.error().place, line(3));
}

TEST(Phase1OfAPeer, WhatIsLeftOfADefaultIsNoSuite) {
    auto offer = offer_of({strong});
    auto left = offer.proposals[0].transforms[0];
    std::erase_if(left.attributes, [](const isakmp::Attribute& one) {
        return one.type == static_cast<std::uint16_t>(isakmp::Phase1Attribute::encryption_algorithm) ||
               one.type == static_cast<std::uint16_t>(isakmp::Phase1Attribute::hash_algorithm);
    });
    left.number = 2;
    offer.proposals[0].transforms.push_back(left);
    EXPECT_EQ(describe_phase1_offer(offer),
              "aes256-sha512-modp2048 (the default of strongSwan, for want of a proposal)");
    const auto refused = choose_phase1(
        peer_of({.proposals = {{CipherId::aes_cbc_256, HashId::sha1, GroupId::modp2048, true, {}}}}), offer);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().nearest, "hash: theirs sha512, ours sha1");
    // Alone it is all that there is.
    offer.proposals[0].transforms = {left};
    EXPECT_EQ(describe_phase1_offer(offer), "no cipher-no hash-modp2048");
}

TEST(Phase1OfAPeer, AnAnswerFitsWhatThatModeHasOffered) {
    // RFC 2409 5.4: Main Mode offers all groups at once, Aggressive Mode one.
    const auto peer = peer_of({.proposals = {weak, strong}});
    EXPECT_TRUE(check_phase1_answer(peer, std::nullopt, offer_of({weak})));
    EXPECT_TRUE(check_phase1_answer(peer, std::nullopt, offer_of({strong})));
    EXPECT_TRUE(check_phase1_answer(peer, GroupId::modp2048, offer_of({strong})));
    const auto refused = check_phase1_answer(peer, GroupId::modp2048, offer_of({weak}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::not_offered);
    EXPECT_EQ(refused.error().accepted, "aes256-sha512-modp2048");
    EXPECT_EQ(refused.error().subject, "eltern");
}

TEST(Phase1OfCandidates, WhatAnyOfThemAcceptsIsChosen) {
    const auto one = peer_of({.name = "one", .proposals = {weak}});
    const auto two = peer_of({.name = "two", .proposals = {strong}});
    const Candidates both{{&one, &two}, nullptr};
    EXPECT_EQ(choose_phase1(both, offer_of({strong})).value().text(), "aes256-sha512-modp2048");
    EXPECT_TRUE(choose_phase1(both, offer_of({weak})));
    const auto neither = offer_of({{CipherId::aes_cbc_192, HashId::sha1, GroupId::modp1024, true, {}}});
    const auto refused = choose_phase1(both, neither);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().accepted, "aes128-sha1-modp1024, aes256-sha512-modp2048");
    EXPECT_EQ(refused.error().subject, "");  // it may be either
    EXPECT_EQ(refused.error().place, line(3));
    const auto alone = choose_phase1(Candidates{{&two}, nullptr}, neither);
    ASSERT_FALSE(alone);
    EXPECT_EQ(alone.error().subject, "two");
}

TEST(Phase1OfCandidates, TheModeIsJudgedBeforeTheTransform) {
    const auto peer = peer_of({.mode = ExchangeMode::aggressive, .proposals = {weak}});
    const Candidates candidates{{&peer}, nullptr};
    for (const auto& offer : {offer_of({weak}), offer_of({strong})}) {
        const auto refused = choose_phase1(candidates, offer);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().obstacle, Obstacle::mode);
    }
}

TEST(Phase1OfCandidates, WhatWasChosenIsJudgedAgainForThePeerThatItTurnsOutToBe) {
    const auto one = peer_of({.name = "one", .proposals = {weak}});
    const auto two = peer_of({.name = "two", .proposals = {strong}});
    const auto chosen = choose_phase1(Candidates{{&one, &two}, nullptr}, offer_of({strong})).value();
    EXPECT_TRUE(check_chosen(two, chosen));
    const auto refused = check_chosen(one, chosen);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::chosen);
    EXPECT_EQ(refused.error().offered, chosen.text());
    EXPECT_EQ(refused.error().subject, "one");
    EXPECT_EQ(refused.error().place, line(3));
    EXPECT_EQ(refused.error().text(), "the chosen transform is not configured for this peer");
}

}  // namespace
}  // namespace causeway::negotiation
