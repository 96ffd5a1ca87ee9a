// Informationals that wait for Quick Mode.
#include "ike/v1/deferred.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>

#include "ike/limits.hpp"

namespace causeway::ike::v1 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Line = Deferred::Line;

Deferred::Payloads number(std::size_t one) {
    return {{isakmp::PayloadType::delete_, {static_cast<std::uint8_t>(one)}}};
}
/// 0: nothing.
std::size_t number(const std::optional<Deferred::Payloads>& payloads) {
    return payloads ? payloads->front().body.front() : 0;
}

class DeferredTest : public ::testing::Test {
 protected:
    std::size_t begin(std::size_t one, Line line) { return number(deferred.begin(number(one), line, now)); }
    std::size_t take_next() { return number(deferred.take_next(now)); }
    std::size_t timeout(Line line) {
        now = *deferred.next_timeout();
        return number(deferred.handle_timeout(line, now));
    }

    Deferred deferred;
    Instant now{seconds(1000)};
};

TEST_F(DeferredTest, LeavesAtOnceWhereNothingIsUnderWay) {
    EXPECT_EQ(begin(1, Line::free), 1U);
    EXPECT_EQ(deferred.next_timeout(), std::nullopt);
    EXPECT_EQ(take_next(), 0U);
}

TEST_F(DeferredTest, WaitsForTheEndOfQuickMode) {
    EXPECT_EQ(begin(1, Line::busy), 0U);
    EXPECT_EQ(deferred.next_timeout(), now + limits::deferred_pause);
    EXPECT_EQ(take_next(), 1U);
    EXPECT_EQ(deferred.next_timeout(), std::nullopt);
}

TEST_F(DeferredTest, NoneOvertakesAnother) {
    EXPECT_EQ(begin(1, Line::busy), 0U);
    EXPECT_EQ(begin(2, Line::free), 0U);
    EXPECT_EQ(take_next(), 1U);
    EXPECT_EQ(take_next(), 2U);
}

TEST_F(DeferredTest, BetweenTwoQuickModesThereIsRoomForOne) {
    EXPECT_EQ(begin(1, Line::busy), 0U);
    EXPECT_EQ(begin(2, Line::busy), 0U);
    now += milliseconds(10);
    EXPECT_EQ(take_next(), 1U);
    EXPECT_EQ(deferred.next_timeout(), now + limits::deferred_pause);
    EXPECT_EQ(timeout(Line::free), 2U);
    EXPECT_EQ(deferred.next_timeout(), std::nullopt);
}

TEST_F(DeferredTest, NothingLeavesBeforeItsTime) {
    EXPECT_EQ(begin(1, Line::busy), 0U);
    now += limits::deferred_pause - milliseconds(1);
    EXPECT_EQ(number(deferred.handle_timeout(Line::free, now)), 0U);
    EXPECT_EQ(timeout(Line::free), 1U);
}

TEST_F(DeferredTest, GoesOnWaitingWhileQuickModeGoesOn) {
    EXPECT_EQ(begin(1, Line::busy), 0U);
    EXPECT_EQ(timeout(Line::busy), 0U);
    EXPECT_EQ(deferred.next_timeout(), now + limits::retransmit_first);
    EXPECT_EQ(timeout(Line::free), 1U);
}

TEST_F(DeferredTest, OfTooManyTheFirstOneLeaves) {
    for (std::size_t i = 1; i <= limits::deferred_per_sa; ++i) {
        EXPECT_EQ(begin(i, Line::busy), 0U);
    }
    EXPECT_EQ(begin(100, Line::busy), 1U);
    EXPECT_EQ(take_next(), 2U);
}

}  // namespace
}  // namespace causeway::ike::v1
