// A message that is sent again.
#include "ike/v1/retransmission.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <vector>

#include "ike/limits.hpp"

namespace causeway::ike::v1 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant begin{seconds(1000)};
const Bytes message{1, 2, 3};

TEST(Retransmission, LeavesAfterLongerAndLongerTimesUntilItIsOver) {
    Retransmission sent(message, begin);
    std::vector<Duration> waits;
    Instant now = begin;
    for (;;) {
        waits.push_back(sent.next() - now);
        EXPECT_FALSE(sent.due(sent.next() - milliseconds(1)));
        now = sent.next();
        EXPECT_TRUE(sent.due(now));
        const auto again = sent.again(now);
        if (!again) {
            break;
        }
        EXPECT_EQ(*again, message);
        EXPECT_EQ(sent.last_sent(), now);
    }
    EXPECT_EQ(waits, (std::vector<Duration>{seconds(1), seconds(2), seconds(4), seconds(8), seconds(8)}));
    EXPECT_EQ(sent.tries(), limits::retransmit_tries);
}

TEST(Retransmission, OneThatIsOverStaysAsItWas) {
    Retransmission sent(message, begin);
    Instant now = begin;
    while (sent.again(now)) {
        now += seconds(8);
    }
    const auto next = sent.next();
    EXPECT_EQ(sent.again(now + seconds(1)), std::nullopt);
    EXPECT_EQ(sent.next(), next);
    EXPECT_EQ(sent.tries(), limits::retransmit_tries);
}

TEST(Retransmission, WhatIsRepeatedForAsLongAsNecessaryIsCountedAll) {
    Retransmission sent(message, begin);
    for (unsigned i = 1; i <= 2 * limits::retransmit_tries; ++i) {
        const Instant now = begin + seconds(i);
        EXPECT_EQ(sent.again_every(seconds(2), now), message);
        EXPECT_EQ(sent.next(), now + seconds(2));
        EXPECT_EQ(sent.tries(), 1 + i);
    }
}

TEST(Retransmission, RepeatedAtOnceItKeepsItsPace) {
    Retransmission sent(message, begin);
    sent.repeat_now(begin + milliseconds(100));
    EXPECT_TRUE(sent.due(begin + milliseconds(100)));
    EXPECT_EQ(sent.last_sent(), begin);
    EXPECT_NE(sent.again(begin + milliseconds(100)), std::nullopt);
    EXPECT_EQ(sent.next(), begin + milliseconds(2100));
}

TEST(Retransmission, IsPostponedAndWaitsAnewWithoutBeingSent) {
    Retransmission sent(message, begin);
    sent.postpone_to(begin + seconds(5));
    EXPECT_EQ(sent.next(), begin + seconds(5));
    EXPECT_NE(sent.again(begin + seconds(5)), std::nullopt);
    sent.wait_anew(begin + seconds(6));
    EXPECT_EQ(sent.next(), begin + seconds(8));  // two seconds, as after the last time
    EXPECT_EQ(sent.tries(), 2U);
}

}  // namespace
}  // namespace causeway::ike::v1
