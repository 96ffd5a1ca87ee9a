// When a tunnel is negotiated next: renewals, failures, successes that were lost at once, rests.
#include "ike/engine/retries.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <span>

#include "ike/engine/backoff.hpp"
#include "ike/limits.hpp"
#include "unit/ike/fixed_random.hpp"

namespace causeway::ike {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Carried = Retries::Carried;

class RetriesTest : public ::testing::Test {
 protected:
    /// Between now and the next attempt.
    [[nodiscard]] Duration wait() const { return retries.due_at() - now; }

    Fixed random;
    Retries retries;
    Instant now{seconds(1000)};
};

TEST(Backoff, DoublesUpToItsBound) {
    EXPECT_EQ(backoff(seconds(1), 1), seconds(1));
    EXPECT_EQ(backoff(seconds(1), 2), seconds(2));
    EXPECT_EQ(backoff(seconds(1), 6), seconds(32));
    EXPECT_EQ(backoff(seconds(1), 7), limits::retry_max);
    EXPECT_EQ(backoff(seconds(1), 4'000'000'000U), limits::retry_max);
}

TEST(Backoff, JitterTakesOff) {
    Fixed none{0};
    EXPECT_EQ(jittered(seconds(8), 250, none), seconds(8));
    Fixed some{1};  // 0x01010101 % 251 is 156
    EXPECT_EQ(jittered(seconds(8), 250, some), seconds(8) - milliseconds(8 * 156));
}

TEST_F(RetriesTest, NothingIsDueAtFirst) {
    EXPECT_FALSE(retries.renewal_due());
    EXPECT_FALSE(retries.is_due(false, now));
    EXPECT_TRUE(retries.is_due(true, now)) << "unless it is wanted and missing";
    EXPECT_EQ(retries.next_timeout(true, now), std::nullopt) << "which is now, and no deadline";
}

TEST_F(RetriesTest, ARenewalIsDueWithoutBeingMissing) {
    retries.renew();
    EXPECT_TRUE(retries.is_due(false, now));
    retries.begin();
    EXPECT_FALSE(retries.is_due(false, now));
}

TEST_F(RetriesTest, ARenewalWaitsUntilItsInstant) {
    retries.renew_at(now + seconds(3));
    EXPECT_FALSE(retries.is_due(false, now));
    EXPECT_EQ(retries.next_timeout(false, now), now + seconds(3));
    EXPECT_TRUE(retries.is_due(false, now + seconds(3)));
    retries.renew_now();
    EXPECT_TRUE(retries.is_due(false, now));
}

TEST_F(RetriesTest, RenewalKeepsAPauseUnlessItIsForNow) {
    retries.try_at(now + seconds(9));
    retries.renew();
    EXPECT_EQ(wait(), seconds(9));
}

TEST_F(RetriesTest, NobodyIsWokenForWhatNobodyWants) {
    retries.try_at(now + seconds(9));
    EXPECT_EQ(retries.next_timeout(false, now), std::nullopt);
    EXPECT_EQ(retries.next_timeout(true, now), now + seconds(9));
    EXPECT_TRUE(retries.waits());
    retries.take_turn();
    EXPECT_FALSE(retries.waits());
    EXPECT_EQ(retries.next_timeout(true, now), std::nullopt);
}

TEST_F(RetriesTest, PausesAfterFailuresGrow) {
    retries.failed(Carried::no, now, random);
    EXPECT_EQ(wait(), seconds(4));
    retries.failed(Carried::no, now, random);
    EXPECT_EQ(wait(), seconds(8));
    for (int i = 0; i < 20; ++i) {
        retries.failed(Carried::no, now, random);
    }
    EXPECT_EQ(wait(), limits::retry_max);
    EXPECT_EQ(retries.failures(), 22U);
}

TEST_F(RetriesTest, PausesAreShorterByChance) {
    Fixed some{1};
    retries.failed(Carried::no, now, some);
    EXPECT_EQ(wait(), seconds(4) - milliseconds(4 * 156));
}

TEST_F(RetriesTest, ARenewalThatFailedIsStillDue) {
    retries.failed(Carried::yes, now, random);
    EXPECT_TRUE(retries.renewal_due());
    retries.failed(Carried::no, now, random);
    EXPECT_FALSE(retries.renewal_due()) << "without a carrier it is no renewal";
}

TEST_F(RetriesTest, AnotherGroupIsNoFailure) {
    retries.group_refused(Carried::yes, now, random);
    EXPECT_EQ(retries.failures(), 0U);
    EXPECT_EQ(wait(), limits::retry_first);
    EXPECT_TRUE(retries.renewal_due());
}

TEST_F(RetriesTest, SuccessEndsEverythingThatWasDue) {
    retries.failed(Carried::yes, now, random);
    retries.came_up();
    EXPECT_EQ(retries.failures(), 0U);
    EXPECT_FALSE(retries.renewal_due());
    EXPECT_FALSE(retries.waits());
}

TEST_F(RetriesTest, ADisclaimedPairIsStillToBeReplaced) {
    retries.failed(Carried::yes, now, random);
    retries.came_up_disclaimed();
    EXPECT_EQ(retries.failures(), 0U);
    EXPECT_TRUE(retries.renewal_due());
    EXPECT_EQ(wait(), seconds(4));
}

// ---- successes that were lost at once ---------------------------------------------------------------------

TEST_F(RetriesTest, OnceIsNoHabit) {
    retries.count_setback(now, now + seconds(1), random);
    EXPECT_EQ(retries.setbacks().counted(), 1U);
    EXPECT_FALSE(retries.setbacks().is_habit());
    EXPECT_LE(retries.due_at(), now);
}

TEST_F(RetriesTest, FromTheSecondOnThePausesGrow) {
    retries.count_setback(now, now, random);
    retries.count_setback(now, now, random);
    EXPECT_TRUE(retries.setbacks().is_habit());
    EXPECT_EQ(wait(), seconds(1));
    retries.count_setback(now, now, random);
    EXPECT_EQ(wait(), seconds(2));
    EXPECT_FALSE(retries.is_due(true, now));
    EXPECT_EQ(retries.next_timeout(true, now), now + seconds(2));
    EXPECT_EQ(retries.next_timeout(true, now + seconds(2)), std::nullopt) << "over";
}

TEST_F(RetriesTest, ASuccessThatLastsEndsTheCount) {
    retries.count_setback(now, now, random);
    retries.count_setback(now, now, random);
    retries.count_setback(now - limits::lasting, now, random);
    EXPECT_EQ(retries.setbacks().counted(), 0U);
    EXPECT_LE(retries.due_at(), now);
}

TEST_F(RetriesTest, APauseEndsBeforeWhatCarriesMeanwhileDoes) {
    for (int i = 0; i < 10; ++i) {
        retries.carrier_lost(now, std::nullopt, now, random);
    }
    EXPECT_EQ(wait(), limits::retry_max);
    retries.carrier_lost(now, now + seconds(40), now, random);
    EXPECT_EQ(wait(), seconds(40) - limits::pause_before_end);
    retries.carrier_lost(now, now + seconds(16), now, random);
    EXPECT_EQ(wait(), limits::retry_wanted) << "but never at once";
}

// ---- who wants it sooner ----------------------------------------------------------------------------------

TEST_F(RetriesTest, ACommandWaitsForNothing) {
    retries.count_setback(now, now, random);
    retries.count_setback(now, now, random);
    retries.failed(Carried::no, now, random);
    (void)retries.rest_until(now + seconds(60));
    retries.raised_by_command();
    retries.keep_rest(now);
    EXPECT_TRUE(retries.is_due(true, now));
    EXPECT_EQ(retries.setbacks().counted(), 2U) << "what it is a habit of is not forgotten";
}

TEST_F(RetriesTest, TheFirstPacketEndsAPauseThatNoFailureHasMade) {
    retries.try_at(now + seconds(3));
    retries.newly_wanted();
    EXPECT_TRUE(retries.is_due(true, now));
    retries.failed(Carried::no, now, random);
    retries.newly_wanted();
    EXPECT_EQ(wait(), seconds(4));
}

TEST_F(RetriesTest, PacketsShortenLongPauses) {
    for (int i = 0; i < 10; ++i) {
        retries.failed(Carried::no, now, random);
        retries.count_setback(now, now, random);
    }
    EXPECT_EQ(wait(), limits::retry_max);
    retries.wait_no_longer_than(now + limits::retry_wanted);
    EXPECT_EQ(wait(), limits::retry_wanted);
    retries.wait_no_longer_than(now + seconds(20));
    EXPECT_EQ(wait(), limits::retry_wanted) << "and make none longer";
}

TEST_F(RetriesTest, PacketsMakeNoPause) {
    retries.wait_no_longer_than(now + limits::retry_wanted);
    EXPECT_FALSE(retries.waits());
    EXPECT_TRUE(retries.is_due(true, now));
}

// ---- rests ------------------------------------------------------------------------------------------------

TEST_F(RetriesTest, ARestIsToldOnce) {
    EXPECT_FALSE(retries.rest_until(std::nullopt));
    EXPECT_TRUE(retries.rest_until(now + seconds(60)));
    EXPECT_FALSE(retries.rest_until(now + seconds(90)));
}

TEST_F(RetriesTest, NothingIsBegunInARest) {
    (void)retries.rest_until(now + seconds(60));
    retries.renew_now();
    retries.keep_rest(now);
    EXPECT_EQ(wait(), seconds(60));
    retries.take_turn();
    retries.keep_rest(now + seconds(60));
    EXPECT_FALSE(retries.waits()) << "it is over";
}

TEST_F(RetriesTest, ALaterAttemptStaysLater) {
    (void)retries.rest_until(now + seconds(60));
    retries.try_at(now + seconds(70));
    retries.keep_rest(now);
    EXPECT_EQ(wait(), seconds(70));
}

TEST_F(RetriesTest, TheNextPairMayEndTheRest) {
    (void)retries.rest_until(now + seconds(60));
    (void)retries.rest_until(std::nullopt);
    retries.keep_rest(now);
    EXPECT_FALSE(retries.waits());
}

TEST_F(RetriesTest, WhatIsUsedUpMakesARestLongerAndNeverShorter) {
    EXPECT_FALSE(retries.rest_at_least_until(now, now)) << "which is over";
    EXPECT_TRUE(retries.rest_at_least_until(now + seconds(60), now));
    EXPECT_FALSE(retries.rest_at_least_until(now + seconds(10), now)) << "told once";
    retries.keep_rest(now);
    EXPECT_EQ(wait(), seconds(60));
}

// ---- traffic that is not answered -------------------------------------------------------------------------

TEST_F(RetriesTest, UnansweredTrafficRenewsAfterAWhile) {
    const Instant since = now;
    EXPECT_FALSE(retries.renew_unanswered(since, seconds(59), seconds(60), now));
    EXPECT_FALSE(retries.renewal_due());
    retries.try_at(now + seconds(500));
    EXPECT_TRUE(retries.renew_unanswered(since, seconds(60), seconds(60), now));
    EXPECT_TRUE(retries.is_due(false, now));
}

TEST_F(RetriesTest, AndAfterLongerAndLongerTimes) {
    const Instant since = now;
    now += seconds(60);
    EXPECT_TRUE(retries.renew_unanswered(since, seconds(60), seconds(60), now));
    EXPECT_FALSE(retries.renew_unanswered(since, seconds(119), seconds(60), now));
    EXPECT_TRUE(retries.renew_unanswered(since, seconds(120), seconds(60), now));
    EXPECT_TRUE(retries.renew_unanswered(since, seconds(240), seconds(60), now));
    EXPECT_FALSE(retries.renew_unanswered(since, seconds(299), seconds(60), now));
    EXPECT_TRUE(retries.renew_unanswered(since, limits::unanswered_renewal_max, seconds(60), now));
}

TEST_F(RetriesTest, ButSoonerAgainWhenSomethingHasCome) {
    EXPECT_TRUE(retries.renew_unanswered(now - seconds(60), seconds(60), seconds(60), now));
    EXPECT_TRUE(retries.renew_unanswered(now + seconds(1), seconds(60), seconds(60), now + seconds(61)));
}

}  // namespace
}  // namespace causeway::ike
