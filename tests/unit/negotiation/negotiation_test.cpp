#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "negotiation/phase1.hpp"
#include "negotiation/phase2.hpp"

namespace causeway::negotiation {
namespace {

using config::Phase1Proposal;
using config::Phase2Proposal;
using crypto::CipherId;
using crypto::GroupId;
using crypto::HashId;
using crypto::IntegrityId;
using isakmp::EncapsulationMode;

Phase1Proposal one(CipherId cipher, HashId hash, GroupId group, bool offered = true) {
    return {cipher, hash, group, offered, {}};
}
Phase2Proposal esp(CipherId cipher, IntegrityId integrity, std::optional<GroupId> pfs) {
    return {cipher, integrity, pfs, true, {}};
}
const Phase1Proposal recipe = one(CipherId::aes_cbc_128, HashId::sha1, GroupId::modp1024);
const Phase1Proposal strong = one(CipherId::aes_cbc_256, HashId::sha2_512, GroupId::modp2048);
const Phase2Proposal recipe_esp = esp(CipherId::aes_cbc_128, IntegrityId::hmac_sha1_96, GroupId::modp1024);
const Phase2Proposal gcm = esp(CipherId::aes_gcm16_256, IntegrityId::none, std::nullopt);

TEST(Phase1, TheRespondersOrderDecides) {
    const std::vector theirs{strong, recipe};
    const std::vector ours{recipe, strong};
    const auto choice = choose_phase1(ours, offer_phase1(theirs, {3600, 0}));
    ASSERT_TRUE(choice) << choice.error().text();
    EXPECT_EQ(choice->text(), "aes128-sha1-modp1024");
    EXPECT_EQ(choice->lifetime.seconds, 3600U);
    // The answer is the peer's transform, number and attributes unchanged (RFC 2408 4.2).
    ASSERT_EQ(choice->reply.proposals.size(), 1U);
    ASSERT_EQ(choice->reply.proposals[0].transforms.size(), 1U);
    EXPECT_EQ(choice->reply.proposals[0].transforms[0],
              offer_phase1(theirs, {3600, 0}).proposals[0].transforms[1]);
    EXPECT_TRUE(check_phase1_answer(theirs, choice->reply));
}

TEST(Phase1, WhatIsOnlyAcceptedIsNotOffered) {
    const std::vector both{recipe, one(CipherId::aes_cbc_256, HashId::sha1, GroupId::modp2048, false)};
    EXPECT_EQ(offer_phase1(both, {3600, 0}).proposals.at(0).transforms.size(), 1U);
    const std::vector theirs{one(CipherId::aes_cbc_256, HashId::sha1, GroupId::modp2048)};
    EXPECT_TRUE(choose_phase1(both, offer_phase1(theirs, {3600, 0})));
}

TEST(Phase1, TheReasonNamesWhatDiffersInTheNearestPair) {
    const std::vector ours{recipe};
    const std::vector near{one(CipherId::aes_cbc_128, HashId::sha1, GroupId::modp2048)};
    const auto group = choose_phase1(ours, offer_phase1(near, {3600, 0}));
    ASSERT_FALSE(group);
    EXPECT_EQ(group.error().obstacle, Obstacle::group);
    EXPECT_NE(group.error().text().find("theirs modp2048, ours modp1024"), std::string::npos)
        << group.error().text();
    const auto nothing = choose_phase1(ours, {});
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().obstacle, Obstacle::nothing_offered);
}

TEST(Phase1, AKeyLengthThatIsMissingMeansAes128) {
    isakmp::SaPayload offer = offer_phase1(std::vector{recipe}, {3600, 0});
    auto& attributes = offer.proposals.at(0).transforms.at(0).attributes;
    std::erase_if(attributes, [](const isakmp::Attribute& one) { return one.type == 14; });
    EXPECT_TRUE(choose_phase1(std::vector{recipe}, offer));
    EXPECT_FALSE(choose_phase1(std::vector{strong}, offer));
}

TEST(Phase1, OtherAuthenticationThanPresharedKeysIsSaid) {
    isakmp::SaPayload offer = offer_phase1(std::vector{recipe}, {3600, 0});
    for (auto& attribute : offer.proposals.at(0).transforms.at(0).attributes) {
        if (attribute.type == 3) {
            attribute = isakmp::Attribute::tv(3, 65001);  // XAUTHInitPreShared
        }
    }
    const auto refused = choose_phase1(std::vector{recipe}, offer);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::authentication_method);
}

TEST(Phase1, AnAnswerThatWasNeverOfferedIsRefused) {
    const auto foreign = offer_phase1(std::vector{strong}, {3600, 0});
    EXPECT_FALSE(check_phase1_answer(std::vector{recipe}, foreign));
    EXPECT_FALSE(check_phase1_answer(std::vector{recipe, strong},
                                     offer_phase1(std::vector{recipe, strong}, {3600, 0})));
}

TEST(Phase2, EspIsChosenAndCarriesOurSpi) {
    const std::vector ours{gcm, recipe_esp};
    const auto offer = offer_phase2(std::vector{recipe_esp}, GroupId::modp1024, {3600, 0}, 0x11223344,
                                    EncapsulationMode::tunnel);
    const auto choice = choose_phase2(ours, offer, EncapsulationMode::tunnel, true, 0x55667788);
    ASSERT_TRUE(choice) << choice.error().text();
    EXPECT_EQ(choice->text(), "aes128-sha1-modp1024");
    EXPECT_EQ(choice->spi, 0x11223344U);
    EXPECT_EQ(choice->reply.proposals.at(0).spi, (Bytes{0x55, 0x66, 0x77, 0x88}));
    const auto checked = check_phase2_answer(std::vector{recipe_esp}, GroupId::modp1024, choice->reply,
                                             EncapsulationMode::tunnel, true);
    ASSERT_TRUE(checked) << checked.error().text();
    EXPECT_EQ(checked->spi, 0x55667788U);
}

TEST(Phase2, PfsAndKeyExchangeGoTogether) {
    const auto offer = offer_phase2(std::vector{recipe_esp}, GroupId::modp1024, {3600, 0}, 0x1000,
                                    EncapsulationMode::tunnel);
    const auto without =
        choose_phase2(std::vector{recipe_esp}, offer, EncapsulationMode::tunnel, false, 0x2000);
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().obstacle, Obstacle::pfs);
    const auto no_pfs =
        offer_phase2(std::vector{gcm}, std::nullopt, {3600, 0}, 0x1000, EncapsulationMode::tunnel);
    EXPECT_TRUE(choose_phase2(std::vector{gcm}, no_pfs, EncapsulationMode::tunnel, false, 0x2000));
    EXPECT_EQ(offered_pfs(std::vector{gcm}), std::vector<PfsGroup>{std::nullopt});
}

TEST(Phase2, BundlesArePassedOver) {
    auto offer = offer_phase2(std::vector{recipe_esp}, GroupId::modp1024, {3600, 0}, 0x1000,
                              EncapsulationMode::tunnel);
    isakmp::Proposal compression = offer.proposals.at(0);
    compression.protocol = isakmp::Protocol::ipcomp;
    compression.spi = {0x12, 0x34};
    isakmp::SaPayload bundled{offer.doi, offer.situation, {offer.proposals[0], compression}};
    EXPECT_FALSE(choose_phase2(std::vector{recipe_esp}, bundled, EncapsulationMode::tunnel, true, 0x2000));
    // The same as an alternative is taken.
    isakmp::Proposal alone = offer.proposals[0];
    alone.number = 2;
    bundled.proposals.push_back(alone);
    const auto choice =
        choose_phase2(std::vector{recipe_esp}, bundled, EncapsulationMode::tunnel, true, 0x2000);
    ASSERT_TRUE(choice) << choice.error().text();
    EXPECT_EQ(choice->reply.proposals.at(0).number, 2);
}

TEST(Phase2, EncapsulationMustFit) {
    const auto udp = offer_phase2(std::vector{recipe_esp}, GroupId::modp1024, {3600, 0}, 0x1000,
                                  EncapsulationMode::udp_tunnel);
    const auto refused = choose_phase2(std::vector{recipe_esp}, udp, EncapsulationMode::tunnel, true, 0x2000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::encapsulation);
    EXPECT_TRUE(choose_phase2(std::vector{recipe_esp}, udp, EncapsulationMode::udp_tunnel, true, 0x2000));
}

TEST(Phase2, LifetimesComeInPairsOfTypeAndDuration) {
    isakmp::Transform transform;
    write_lifetime_phase2(transform, {7200, 4096});
    EXPECT_EQ(lifetime_of_phase2(transform), (config::Lifetime{7200, 4096}));
    isakmp::Transform duration_alone;
    duration_alone.attributes.push_back(isakmp::Attribute::tv(2, 60));
    EXPECT_EQ(lifetime_of_phase2(duration_alone).seconds, default_lifetime_seconds);
    EXPECT_EQ(lifetime_of_phase2({}).seconds, default_lifetime_seconds);
}

}  // namespace
}  // namespace causeway::negotiation
