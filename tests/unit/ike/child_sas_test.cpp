// The SA pairs of one tunnel: which one carries it, which goes, in whose favour, and when.
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <variant>

#include "ike/limits.hpp"
#include "unit/ike/child_sas_fixture.hpp"

namespace causeway::ike {
namespace {

TEST_F(ChildSasTest, OursIsSentOnAtOnceWhenNothingCarries) {
    EXPECT_EQ(ours(1), (Words{"install 1 both ways", "send on 1", "up"}));
    EXPECT_EQ(carrier(), 1U);
}

TEST_F(ChildSasTest, ThePeersWaitsForMessage3) {
    EXPECT_EQ(theirs(1), Words{"install 1"});
    EXPECT_EQ(carrier(), 0U);
    EXPECT_EQ(words(sas.confirm(id(1), now)), (Words{"send on 1", "up"}));
    EXPECT_EQ(carrier(), 1U);
}

TEST_F(ChildSasTest, TheFirstPacketStandsForMessage3) {
    theirs(1);
    EXPECT_EQ(words(sas.first_inbound(id(1), now)), (Words{"send on 1", "up"}));
    EXPECT_EQ(words(sas.first_inbound(id(1), now)), Words{}) << "and is nothing new the second time";
}

TEST_F(ChildSasTest, ThePeersLivesFromMessage3On) {
    theirs(1);
    const Instant before = sas.find(id(1))->expires;
    now += seconds(5);
    (void)sas.confirm(id(1), now);
    EXPECT_EQ(sas.find(id(1))->expires, before + seconds(5));
    ours(2);
    const Instant of_ours = sas.find(id(2))->expires;
    timeout(seconds(1));
    EXPECT_EQ(sas.find(id(2))->expires, of_ours) << "ours counts from the beginning";
}

TEST_F(ChildSasTest, ARenewalOfOursWaitsForItsMessage3ToArrive) {
    ours(1);
    EXPECT_EQ(ours(2), Words{"install 2"});
    EXPECT_EQ(carrier(), 1U);
    EXPECT_EQ(wait(), limits::activation_delay);
    EXPECT_EQ(timeout(limits::activation_delay), (Words{"send on 2", "renewed"}));
    EXPECT_EQ(carrier(), 2U);
}

TEST_F(ChildSasTest, ARenewalIsSentOnAtOnceWhenTheOldPairIsInDoubt) {
    ours(1);
    sas.doubt_carrier();
    EXPECT_EQ(ours(2), (Words{"install 2 both ways", "send on 2", "renewed"}));
    EXPECT_EQ(ours(3), Words{"install 3"}) << "the doubt is over with what it was about";
}

TEST_F(ChildSasTest, ARenewalIsSentOnAtOnceWhenTheOldPairGoesAnotherWay) {
    ours(1);
    EXPECT_EQ(ours(2, {.remote = at("198.51.100.2")}).size(), 3U);
    EXPECT_EQ(ours(3, {.local = at("192.0.2.3"), .remote = at("198.51.100.2")}).size(), 3U);
}

TEST_F(ChildSasTest, ARenewalIsSentOnAtOnceWhenTheOldPairIsDeleted) {
    (void)sas.set_partner(Partner::causeway);
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 5});
    theirs(2, {.begun = begun, .nonce = 9});
    (void)sas.confirm(id(2), now);
    timeout(limits::replaced_grace * 2);  // the peer is told that the first goes
    (void)sas.remove(id(2), why, Tell::nobody, now);
    EXPECT_EQ(carrier(), 1U);
    EXPECT_TRUE(sas.carrier()->deleted);
    EXPECT_EQ(ours(3), (Words{"install 3 both ways", "send on 3", "renewed"}));
}

// ---- which of two goes ------------------------------------------------------------------------------------

TEST_F(ChildSasTest, TheOldOneGoesHalfAMinuteAfterOurRenewal) {
    ours(1);
    ours(2);
    timeout(limits::activation_delay);
    EXPECT_TRUE(sas.find(id(1))->replaced);
    EXPECT_EQ(sas.find(id(1))->rekey_at, std::nullopt);
    EXPECT_EQ(wait(), limits::replaced_grace);
}

TEST_F(ChildSasTest, WhoDidNotBeginTheRenewalWaitsLonger) {
    replace_ours();
    EXPECT_EQ(wait(), limits::replaced_grace * 3 / 2);
}

TEST_F(ChildSasTest, TheOlderOneIsReplacedWhicheverIsConfirmedLast) {
    theirs(1);
    ours(2);
    EXPECT_EQ(carrier(), 2U);
    EXPECT_EQ(words(sas.confirm(id(1), now)), (Words{"send on 1", "send on 2", "renewed"}));
    EXPECT_TRUE(sas.find(id(1))->replaced);
    EXPECT_EQ(carrier(), 2U);
}

TEST_F(ChildSasTest, OfTwoAtOnceTheGreaterNoncesCarryBetweenCauseways) {
    EXPECT_EQ(words(sas.set_partner(Partner::causeway)), Words{});
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 9});
    theirs(2, {.begun = begun, .nonce = 5});
    EXPECT_EQ(words(sas.confirm(id(2), now)), (Words{"send on 2", "send on 1", "renewed, crossed"}));
    EXPECT_EQ(carrier(), 1U);
    EXPECT_FALSE(sas.find(id(2))->replaced);
    EXPECT_EQ(sas.find(id(2))->remove_at, std::nullopt) << "its initiator deletes it";
}

TEST_F(ChildSasTest, OfTwoAtOnceTheInitiatorOfTheLesserDeletesIt) {
    (void)sas.set_partner(Partner::causeway);
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 5});
    theirs(2, {.begun = begun, .nonce = 9});
    (void)sas.confirm(id(2), now);
    EXPECT_EQ(carrier(), 2U);
    EXPECT_EQ(sas.find(id(1))->remove_at, now + limits::replaced_grace * 2);
    EXPECT_EQ(sas.find(id(1))->in_favour_of, id(2));
    EXPECT_EQ(timeout(limits::replaced_grace * 2), Words{"delete a1"});
}

TEST_F(ChildSasTest, AThirdOneAtOnceDoesNotPutThatOff) {
    (void)sas.set_partner(Partner::causeway);
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 5});
    theirs(2, {.begun = begun, .nonce = 9});
    (void)sas.confirm(id(2), now);
    const auto planned = sas.find(id(1))->remove_at;
    now += seconds(10);
    theirs(3, {.begun = begun, .nonce = 12});
    (void)sas.confirm(id(3), now);
    EXPECT_EQ(sas.find(id(1))->remove_at, planned);
    EXPECT_EQ(sas.find(id(1))->in_favour_of, id(2));
}

TEST_F(ChildSasTest, OfTwoAtOnceBothStayWithAnotherMake) {
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 5});
    theirs(2, {.begun = begun, .nonce = 9});
    (void)sas.confirm(id(2), now);
    EXPECT_EQ(sas.find(id(1))->remove_at, std::nullopt);
    EXPECT_EQ(sas.find(id(2))->remove_at, std::nullopt);
    EXPECT_EQ(carrier(), 2U) << "begun to send on last";
    EXPECT_EQ(words(sas.first_inbound(id(1), now)), Words{"send on 1"}) << "the peer sends on that one";
    EXPECT_EQ(carrier(), 1U);
}

TEST_F(ChildSasTest, AnotherPartnerMayMeanAnotherCarrier) {
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 9});
    theirs(2, {.begun = begun, .nonce = 5});
    (void)sas.confirm(id(2), now);
    EXPECT_EQ(carrier(), 2U);
    EXPECT_EQ(words(sas.set_partner(Partner::causeway)), Words{"send on 1"});
}

// ---- the end of what was replaced -------------------------------------------------------------------------

TEST_F(ChildSasTest, APairThatWasReplacedIsDeletedAndThenReceivesForAWhile) {
    replace_ours();
    EXPECT_EQ(timeout(seconds(45)), Words{"delete a1"});
    EXPECT_EQ(wait(), limits::deleted_linger);
    EXPECT_EQ(timeout(limits::deleted_linger), Words{"remove 1"});
    EXPECT_EQ(carrier(), 2U);
}

TEST_F(ChildSasTest, ThePeerIsToldAgainWhileItGoesOnSending) {
    replace_ours();
    timeout(seconds(45));
    usages.all[id(1)].last_in = now + seconds(4);
    EXPECT_EQ(timeout(limits::deleted_linger), Words{"delete a1"});
    EXPECT_EQ(wait(), limits::deleted_linger * 2);
    EXPECT_EQ(timeout(limits::deleted_linger * 2), Words{"remove 1"});
}

TEST_F(ChildSasTest, ItJustGoesWhereDeletesAreNotWanted) {
    here.deletes_at_once = false;
    replace_ours();
    EXPECT_EQ(timeout(seconds(45)), Words{"remove 1"});
}

TEST_F(ChildSasTest, ItStaysWhenWhatReplacedItHasGone) {
    replace_ours();
    EXPECT_EQ(words(sas.remove(id(2), why, Tell::nobody, now)),
              (Words{"remove 2", "send on 1", "fell back to ours"}));
    EXPECT_EQ(sas.find(id(1))->remove_at, std::nullopt);
    EXPECT_EQ(wait(), seconds(3600)) << "it lives to its end";
}

TEST_F(ChildSasTest, WhatThePeerWasToldToForgetGoesWhateverIsLeft) {
    replace_ours();
    EXPECT_EQ(timeout(seconds(45)), Words{"delete a1"});
    (void)sas.remove(id(2), why, Tell::nobody, now);
    EXPECT_EQ(carrier(), 1U);
    EXPECT_EQ(timeout(limits::deleted_linger), (Words{"remove 1", "down"}));
}

TEST_F(ChildSasTest, ItGoesInFavourOfWhatCarriesNow) {
    replace_ours();  // 1 goes in favour of 2
    now += seconds(1);
    theirs(3);
    (void)sas.confirm(id(3), now);  // so does 2 of 3
    EXPECT_EQ(words(sas.remove(id(2), why, Tell::nobody, now)), Words{"remove 2"});
    EXPECT_EQ(sas.find(id(1))->in_favour_of, id(3));
    EXPECT_EQ(timeout(seconds(44)), Words{"delete a1"});
}

TEST_F(ChildSasTest, ItIsRenewedWhenItsSuccessorIsNeverConfirmed) {
    ours(1);
    ours(2);
    theirs(3);
    timeout(limits::activation_delay);
    EXPECT_TRUE(sas.find(id(2))->replaced) << "in favour of 3, which the peer has begun";
    EXPECT_EQ(carrier(), 2U);
    timeout(seconds(30));
    timeout(limits::deleted_linger);  // 1 has gone
    EXPECT_EQ(timeout(seconds(10)), Words{"renewal due"});
    EXPECT_FALSE(sas.find(id(2))->replaced);
    EXPECT_EQ(sas.find(id(2))->remove_at, std::nullopt);
}

TEST_F(ChildSasTest, ItIsRenewedWhenItsSuccessorIsGivenUp) {
    ours(1);
    ours(2);
    theirs(3);
    timeout(limits::activation_delay);
    EXPECT_TRUE(sas.find(id(2))->replaced) << "in favour of 3, which the peer has begun";
    EXPECT_EQ(words(sas.remove(id(3), why, Tell::nobody, now)), (Words{"remove 3", "renewal due"}));
    EXPECT_FALSE(sas.find(id(2))->replaced);
    EXPECT_EQ(sas.find(id(2))->remove_at, std::nullopt);
}

// ---- losing what carries ----------------------------------------------------------------------------------

TEST_F(ChildSasTest, WhatWasToFollowInAMomentFollowsNow) {
    ours(1);
    ours(2);
    EXPECT_EQ(words(sas.lose(id(1), loss, child::Cause::closed, Tell::nobody, now)),
              (Words{"remove 1", "send on 2", "up"}));
}

TEST_F(ChildSasTest, WhatFollowsNowDoesNotFollowAgain) {
    ours(1);
    now += seconds(3600) - limits::activation_delay;
    ours(2);
    EXPECT_EQ(timeout(limits::activation_delay), (Words{"delete a1", "remove 1", "send on 2", "up"}));
}

TEST_F(ChildSasTest, ThePairBeforeIsBetterThanNothing) {
    replace_ours();
    EXPECT_EQ(words(sas.lose(id(2), loss, child::Cause::closed, Tell::nobody, now)),
              (Words{"remove 2", "send on 1", "fell back to ours", "lost, not all"}));
    EXPECT_EQ(ours(3), (Words{"install 3 both ways", "send on 3", "renewed"})) << "it is in doubt";
}

TEST_F(ChildSasTest, WhoMadeItIsToRenewWhatIsFallenBackTo) {
    theirs(1);
    (void)sas.confirm(id(1), now);
    theirs(2);
    (void)sas.confirm(id(2), now);
    EXPECT_EQ(words(sas.remove(id(2), why, Tell::nobody, now)),
              (Words{"remove 2", "send on 1", "fell back to the peer's"}));
}

TEST_F(ChildSasTest, AnotherThatWasNotReplacedIsNoLoss) {
    const auto begun = ++steps;
    ours(1, {.begun = begun});
    theirs(2, {.begun = begun});
    (void)sas.confirm(id(2), now);
    EXPECT_EQ(words(sas.lose(id(2), loss, child::Cause::closed, Tell::nobody, now)),
              (Words{"remove 2", "send on 1"}));
}

TEST_F(ChildSasTest, TheLastOneIsTheTunnel) {
    ours(1);
    const auto changes = sas.lose(id(1), loss, child::Cause::negotiation, Tell::peer, now + seconds(7));
    EXPECT_EQ(words(changes), (Words{"delete a1", "remove 1", "down", "lost"}));
    const auto& lost = std::get<child::CarrierLost>(changes.back());
    EXPECT_EQ(lost.made, now);
    EXPECT_EQ(lost.cause, child::Cause::negotiation);
    EXPECT_EQ(lost.loss.habit, loss.habit);
    EXPECT_EQ(std::get<child::Down>(changes[2]).why, loss.why);
}

TEST_F(ChildSasTest, WhatDidNotCarryIsNoLoss) {
    replace_ours();
    EXPECT_EQ(words(sas.lose(id(1), loss, child::Cause::closed, Tell::nobody, now)), Words{"remove 1"});
    theirs(3);
    EXPECT_EQ(words(sas.lose(id(3), loss, child::Cause::closed, Tell::nobody, now)), Words{"remove 3"});
    EXPECT_EQ(words(sas.lose(id(3), loss, child::Cause::closed, Tell::peer, now)), Words{});
}

TEST_F(ChildSasTest, AllGoOneAfterTheOther) {
    replace_ours();
    EXPECT_EQ(words(sas.remove_all(why, Tell::peer, now)),
              (Words{"delete a1", "remove 1", "delete a2", "remove 2", "down"}));
    EXPECT_EQ(sas.next_timeout(), std::nullopt);
}

TEST_F(ChildSasTest, ItsLifeEndsWithADelete) {
    ours(1);
    sas.doubt_carrier();
    here.wanted = false;
    now += seconds(3599);
    EXPECT_EQ(timeout(), Words{});
    EXPECT_EQ(timeout(seconds(1)), (Words{"delete a1", "remove 1", "down", "lost"}));
}

// ---- renewal ----------------------------------------------------------------------------------------------

TEST_F(ChildSasTest, ATunnelThatIsWantedIsRenewed) {
    ours(1);
    EXPECT_EQ(wait(), seconds(3000));
    EXPECT_EQ(timeout(seconds(3000)), Words{"renewal due"});
    EXPECT_EQ(wait(), seconds(600)) << "once";
}

TEST_F(ChildSasTest, OneThatOnlyTrafficAsksForIsRenewedWhenThereWasSome) {
    here.wanted = false;
    ours(1);
    EXPECT_EQ(timeout(seconds(3000)), Words{});
    EXPECT_EQ(wait(), seconds(300)) << "there may be some yet";
    usages.all[id(1)].packets_out = 1;
    EXPECT_EQ(timeout(seconds(300)), Words{"renewal due"});
}

TEST_F(ChildSasTest, PacketsFromThePeerAreTrafficAsWell) {
    here.wanted = false;
    ours(1);
    usages.all[id(1)].packets_in = 1;
    EXPECT_EQ(timeout(seconds(3000)), Words{"renewal due"});
}

TEST_F(ChildSasTest, LookingForTrafficEndsBeforeTheEnd) {
    here.wanted = false;
    ours(1);
    timeout(seconds(3000));
    for (int i = 0; i < 20 && wait() > Duration{}; ++i) {
        if (now + wait() == sas.find(id(1))->expires) {
            break;
        }
        EXPECT_EQ(timeout(wait()), Words{});
    }
    EXPECT_EQ(now + wait(), sas.find(id(1))->expires);
    EXPECT_EQ(sas.find(id(1))->rekey_at, std::nullopt);
}

}  // namespace
}  // namespace causeway::ike
