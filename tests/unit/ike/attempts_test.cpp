// When Phase 1 with a peer is tried next.
#include "ike/engine/attempts.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <span>

#include "ike/limits.hpp"
#include "unit/ike/fixed_random.hpp"

namespace causeway::ike {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Patience = Attempts::Patience;

class AttemptsTest : public ::testing::Test {
 protected:
    void fail(Patience patience = Patience::usual) {
        attempts.failed(patience, now, random);
        now = attempts.due_at();
    }
    [[nodiscard]] Duration pause_after_failure(Patience patience = Patience::usual) {
        const Instant before = now;
        fail(patience);
        return now - before;
    }

    Fixed random;
    Attempts attempts;
    Instant now{seconds(1000)};
};

TEST_F(AttemptsTest, NothingIsWaitedForAtFirst) {
    EXPECT_LE(attempts.due_at(), now);
    EXPECT_FALSE(attempts.waits(now));
    EXPECT_EQ(attempts.next(), std::nullopt);
}

TEST_F(AttemptsTest, PausesGrowWithFailures) {
    EXPECT_EQ(pause_after_failure(), limits::retry_first);
    EXPECT_EQ(pause_after_failure(), 2 * limits::retry_first);
    EXPECT_EQ(pause_after_failure(), 4 * limits::retry_first);
    EXPECT_EQ(attempts.failures(), 3U);
    EXPECT_TRUE(attempts.waits(now));
}

TEST_F(AttemptsTest, WhatIsSetAheadStaysAndTheFailureCounts) {
    attempts.try_at(now + minutes(5));
    attempts.failed(Patience::usual, now, random);
    EXPECT_EQ(attempts.due_at(), now + minutes(5));
    EXPECT_EQ(attempts.failures(), 1U);
}

TEST_F(AttemptsTest, PausesAreShortWhileOurEndHasJustChanged) {
    for (int i = 0; i < 5; ++i) {
        fail();
    }
    EXPECT_EQ(pause_after_failure(Patience::little), limits::own_change_retry);
}

TEST_F(AttemptsTest, AnotherGroupIsOfferedSoonAndIsNoFailure) {
    fail();
    fail();
    attempts.group_refused(now, random);
    EXPECT_EQ(attempts.due_at(), now + limits::retry_first);
    EXPECT_EQ(attempts.failures(), 2U);
}

TEST_F(AttemptsTest, SomethingNewEndsPauseAndCount) {
    fail();
    fail();
    attempts.failed(Patience::usual, now, random);
    attempts.anew();
    EXPECT_FALSE(attempts.waits(now));
    EXPECT_EQ(pause_after_failure(), limits::retry_first);
}

TEST_F(AttemptsTest, BeginningKeepsTheCount) {
    fail();
    attempts.at_once();
    EXPECT_FALSE(attempts.waits(now));
    EXPECT_EQ(pause_after_failure(), 2 * limits::retry_first);
}

TEST_F(AttemptsTest, SoonIsNotSoonerThanWhatIsSet) {
    attempts.try_soon(now, random);
    EXPECT_EQ(attempts.next(), now + limits::retry_first);
    attempts.try_at(now + minutes(1));
    attempts.try_soon(now, random);
    EXPECT_EQ(attempts.next(), now + minutes(1));
}

TEST_F(AttemptsTest, WhatIsLostAtOnceMakesPausesThatOnlyACommandEnds) {
    for (int i = 0; i < 4; ++i) {
        attempts.count_setback(now, now, random);
    }
    ASSERT_GT(attempts.due_at(), now);
    EXPECT_TRUE(attempts.waits(now));
    const Instant due = attempts.due_at();
    attempts.anew();
    EXPECT_EQ(attempts.due_at(), due);
    attempts.raised_by_command();
    EXPECT_LE(attempts.due_at(), now);
}

TEST_F(AttemptsTest, WhoeverWaitsShortensBothPauses) {
    attempts.try_at(now + minutes(5));
    for (int i = 0; i < 8; ++i) {
        attempts.count_setback(now, now, random);
    }
    ASSERT_GT(attempts.due_at(), now + seconds(8));
    attempts.wait_no_longer_than(now + seconds(8));
    EXPECT_EQ(attempts.due_at(), now + seconds(8));
}

TEST_F(AttemptsTest, APeerThatWantsToLiveShortlyIsNotCalledBefore) {
    EXPECT_TRUE(attempts.rest_until(now + seconds(60))) << "that is told";
    EXPECT_FALSE(attempts.rest_until(now + seconds(60))) << "once";
    EXPECT_LE(attempts.due_at(), now);
    attempts.keep_rest(now);
    EXPECT_EQ(attempts.due_at(), now + seconds(60));
    attempts.try_at(now + minutes(5));
    attempts.keep_rest(now);
    EXPECT_EQ(attempts.due_at(), now + minutes(5)) << "what comes later stays";
}

TEST_F(AttemptsTest, ARestThatIsOverHoldsNothingUp) {
    EXPECT_TRUE(attempts.rest_until(now));
    attempts.keep_rest(now);
    EXPECT_EQ(attempts.next(), std::nullopt);
    EXPECT_FALSE(attempts.rest_until(std::nullopt));
}

TEST_F(AttemptsTest, ACommandEndsTheRestAndWhatIsWaitedFor) {
    EXPECT_TRUE(attempts.rest_until(now + minutes(1)));
    attempts.try_at(now + minutes(5));
    attempts.raised_by_command();
    EXPECT_EQ(attempts.next(), std::nullopt);
    attempts.keep_rest(now);
    EXPECT_EQ(attempts.next(), std::nullopt);
}

}  // namespace
}  // namespace causeway::ike
