// Deadlines under names: the next one, and which is due.
#include "ike/engine/deadlines.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>

namespace causeway::ike {
namespace {

enum class Timer { ask, give_up };

TEST(Deadlines, TheNextOneIsTheEarliest) {
    Deadlines<Timer::give_up> deadlines;
    EXPECT_EQ(deadlines.next(), std::nullopt);
    deadlines.arm(Timer::give_up, Instant{std::chrono::seconds(5)});
    EXPECT_EQ(deadlines.next(), Instant{std::chrono::seconds(5)});
    deadlines.arm(Timer::ask, Instant{std::chrono::seconds(3)});
    EXPECT_EQ(deadlines.next(), Instant{std::chrono::seconds(3)});
    deadlines.disarm(Timer::ask);
    EXPECT_EQ(deadlines.next(), Instant{std::chrono::seconds(5)});
    EXPECT_FALSE(deadlines.armed(Timer::ask));
    EXPECT_TRUE(deadlines.armed(Timer::give_up));
}

TEST(Deadlines, EachIsDueOnceInTheirOrder) {
    Deadlines<Timer::give_up> deadlines;
    const Instant now{std::chrono::seconds(5)};
    deadlines.arm(Timer::give_up, Instant{std::chrono::seconds(3)});
    deadlines.arm(Timer::ask, now);
    EXPECT_EQ(deadlines.take_due(now - Duration{1}), Timer::give_up);
    EXPECT_EQ(deadlines.take_due(now - Duration{1}), std::nullopt);
    deadlines.arm(Timer::give_up, Instant{std::chrono::seconds(3)});
    EXPECT_EQ(deadlines.take_due(now), Timer::ask) << "the enumeration's order, not that of time";
    EXPECT_EQ(deadlines.take_due(now), Timer::give_up);
    EXPECT_EQ(deadlines.take_due(now), std::nullopt);
    EXPECT_EQ(deadlines.next(), std::nullopt);
}

}  // namespace
}  // namespace causeway::ike
