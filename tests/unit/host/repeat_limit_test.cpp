#include "host/repeat_limit.hpp"

#include <gtest/gtest.h>
#include <string>

namespace causeway::host {
namespace {

using std::chrono::seconds;

const Instant begin{seconds(1000)};

Event malformed(const std::string& subject) {
    return {EventCode::message_malformed, subject, {{"remote", "192.0.2.1"}, {"why", "short"}}};
}

unsigned admitted(RepeatLimit& limit, Instant now, const Event& event, unsigned times) {
    unsigned count = 0;
    for (unsigned i = 0; i < times; ++i) {
        count += limit.admit(now, event) ? 1 : 0;
    }
    return count;
}

TEST(RepeatLimit, LetsAFewThroughAndSumsUpTheRestWhenThePeriodEnds) {
    RepeatLimit limit({3, seconds(60), 16});
    EXPECT_EQ(admitted(limit, begin, malformed("a"), 10), 3U);
    EXPECT_EQ(limit.next_expiry(), begin + seconds(60));
    EXPECT_TRUE(limit.expired(begin + seconds(59)).empty());
    const auto summaries = limit.expired(begin + seconds(60));
    ASSERT_EQ(summaries.size(), 1U);
    EXPECT_EQ(summaries[0].code, EventCode::log_suppressed);
    EXPECT_EQ(summaries[0].subject, "a");
    EXPECT_EQ(summaries[0].field("count"), "7");
    EXPECT_EQ(summaries[0].field("kind"), "message_malformed");
    EXPECT_FALSE(limit.next_expiry());
    EXPECT_TRUE(limit.admit(begin + seconds(61), malformed("a")));
}

TEST(RepeatLimit, CountsEachSubjectAndEachKindByItself) {
    RepeatLimit limit({1, seconds(60), 16});
    EXPECT_TRUE(limit.admit(begin, malformed("a")));
    EXPECT_TRUE(limit.admit(begin, malformed("b")));
    EXPECT_TRUE(limit.admit(begin, {EventCode::message_ignored, "a", {}}));
    EXPECT_FALSE(limit.admit(begin, malformed("a")));
}

TEST(RepeatLimit, SaysNothingOfAPeriodInWhichNothingWasHeldBack) {
    RepeatLimit limit({3, seconds(60), 16});
    EXPECT_EQ(admitted(limit, begin, malformed("a"), 3), 3U);
    EXPECT_FALSE(limit.next_expiry());
    EXPECT_TRUE(limit.expired(begin + seconds(60)).empty());
    // A new period begins with the next event, without anybody having asked for the old one.
    EXPECT_EQ(admitted(limit, begin + seconds(60), malformed("a"), 5), 3U);
}

TEST(RepeatLimit, ErrorsAreLimitedToo) {
    RepeatLimit limit({2, seconds(60), 16});
    EXPECT_EQ(admitted(limit, begin, {EventCode::socket_failed, "", {}}, 9), 2U);
}

TEST(RepeatLimit, ManySubjectsShareOneBudgetAndBoundedMemory) {
    RepeatLimit limit({2, seconds(60), 4});
    unsigned count = 0;
    for (int i = 0; i < 1000; ++i) {
        count += limit.admit(begin, malformed(std::to_string(i))) ? 1U : 0U;
    }
    EXPECT_EQ(count, 4U + 2U);
    const auto summaries = limit.expired(begin + seconds(60));
    ASSERT_EQ(summaries.size(), 1U);
    EXPECT_EQ(summaries[0].field("count"), "994");
    EXPECT_EQ(summaries[0].field("kind"), "various");
}

TEST(RepeatLimit, QuietSubjectsOfLongAgoTakeNoRoom) {
    RepeatLimit limit({2, seconds(60), 4});
    for (int i = 0; i < 100; ++i) {
        // Two tunnels a minute: each one is told, also the hundredth.
        const Instant now = begin + seconds(61) * i;
        EXPECT_EQ(admitted(limit, now, malformed("a" + std::to_string(i)), 2), 2U) << i;
        EXPECT_EQ(admitted(limit, now, malformed("b" + std::to_string(i)), 2), 2U) << i;
    }
}

TEST(RepeatLimit, ThereIsRoomAsSoonAsAPeriodEnds) {
    RepeatLimit limit({2, seconds(60), 4});
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(admitted(limit, begin + seconds(10) * i, malformed(std::to_string(i)), 1), 1U);
    }
    const auto at = [&](int second, const std::string& subject) {
        return admitted(limit, begin + seconds(second), malformed(subject), 9);
    };
    EXPECT_EQ(at(40, "e"), 2U);  // the budget that all others share, which has a place, too
    EXPECT_EQ(at(60, "f"), 0U);
    EXPECT_EQ(at(69, "g"), 0U);
    EXPECT_EQ(at(70, "h"), 2U);
    EXPECT_EQ(at(79, "i"), 0U);
    EXPECT_EQ(at(80, "j"), 2U);
    EXPECT_EQ(limit.next_expiry(), begin + seconds(100));
    EXPECT_EQ(limit.expired(begin + seconds(100)).size(), 1U);
    EXPECT_EQ(limit.next_expiry(), begin + seconds(130));
}

}  // namespace
}  // namespace causeway::host
