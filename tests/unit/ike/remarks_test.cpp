// What is told of a connection, and for how long it stands.
#include "ike/engine/remarks.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <string>

#include "base/findings.hpp"
#include "ike/engine/flapping.hpp"
#include "ike/engine/strangers.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using enum Remarks::News;

Finding swallows(unsigned octets) {
    return finding<FindingId::path_swallows>(field<"octets">(std::to_string(octets)));
}

class RemarksTest : public ::testing::Test {
 protected:
    Remarks remarks;
    Instant now{seconds(1000)};
};

TEST_F(RemarksTest, WhatIsSeenAgainIsCountedAndNoNews) {
    EXPECT_EQ(remarks.see(swallows(1400), now), yes);
    EXPECT_EQ(remarks.see(swallows(1400), now + seconds(5)), no);
    const auto standing = remarks.standing(now + seconds(5));
    ASSERT_EQ(standing.size(), 1U);
    EXPECT_EQ(standing[0].since, now);
    EXPECT_EQ(standing[0].last, now + seconds(5));
    EXPECT_EQ(standing[0].times, 2U);
    EXPECT_EQ(remarks.since(FindingId::path_swallows), now);
}

TEST_F(RemarksTest, OtherWordsAreNewsAndOtherFiguresAreNot) {
    EXPECT_EQ(remarks.see(swallows(1400), now), yes);
    EXPECT_EQ(remarks.see(swallows(1300), now), yes);
    EXPECT_EQ(remarks.measure(swallows(1200), now), no);
    const auto standing = remarks.standing(now);
    ASSERT_EQ(standing.size(), 1U) << "one cause stands once";
    EXPECT_EQ(standing[0].what, swallows(1200));
}

TEST_F(RemarksTest, WhatIsOverIsToldAndNewsAgain) {
    EXPECT_EQ(remarks.over(FindingId::path_swallows), std::nullopt);
    static_cast<void>(remarks.see(swallows(1400), now));
    EXPECT_EQ(remarks.over(FindingId::path_swallows), swallows(1400));
    EXPECT_TRUE(remarks.standing(now).empty());
    EXPECT_EQ(remarks.since(FindingId::path_swallows), std::nullopt);
    EXPECT_EQ(remarks.see(swallows(1400), now), yes);
}

TEST_F(RemarksTest, WhatIsNotSeenForLongStandsNoMore) {
    static_cast<void>(remarks.see(swallows(1400), now));
    const Instant later = now + limits::remark_stays;
    EXPECT_EQ(remarks.standing(later - seconds(1)).size(), 1U);
    EXPECT_TRUE(remarks.standing(later).empty());
    EXPECT_EQ(remarks.measure(swallows(1400), later), yes);
    EXPECT_EQ(remarks.standing(later)[0].since, later) << "it began anew";
    EXPECT_EQ(remarks.standing(later)[0].times, 1U);
}

TEST_F(RemarksTest, TheNewestErrorIsTheOneSeenLast) {
    EXPECT_EQ(remarks.newest_error(now), nullptr);
    static_cast<void>(remarks.see(finding<FindingId::peer_silent>(), now));
    static_cast<void>(remarks.see(finding<FindingId::caller_unknown>(), now));
    static_cast<void>(remarks.see(swallows(1400), now));  // a note
    EXPECT_EQ(remarks.newest_error(now)->id, FindingId::caller_unknown);
    static_cast<void>(remarks.see(finding<FindingId::peer_silent>(), now));
    EXPECT_EQ(remarks.newest_error(now)->id, FindingId::peer_silent);
    EXPECT_EQ(remarks.newest_error(now + limits::remark_stays), nullptr);
}

TEST_F(RemarksTest, ThereAreNeverMany) {
    static_cast<void>(remarks.see(swallows(1400), now));
    for (std::size_t i = 0; i < limits::remarks; ++i) {
        static_cast<void>(remarks.see(Finding{static_cast<FindingId>(i), {}, {}}, now));
    }
    EXPECT_EQ(remarks.standing(now).size(), limits::remarks);
    EXPECT_EQ(remarks.since(FindingId::path_swallows), std::nullopt)
        << "the one not seen for longest has gone";
}

TEST(Flapping, ThreeInTenMinutesAreToldWithTheirPeriod) {
    Flapping flapping;
    const Instant now{seconds(1000)};
    EXPECT_FALSE(flapping.down(now));
    EXPECT_FALSE(flapping.down(now + seconds(100)));
    const auto flaps = flapping.down(now + seconds(300));
    ASSERT_TRUE(flaps);
    EXPECT_EQ(flaps->count, 3U);
    EXPECT_EQ(flaps->within, seconds(300));
    EXPECT_EQ(flaps->period, seconds(150));
}

TEST(Flapping, WhatIsLongAgoDoesNotCount) {
    Flapping flapping;
    const Instant now{seconds(1000)};
    EXPECT_FALSE(flapping.down(now));
    EXPECT_FALSE(flapping.down(now + minutes(6)));
    EXPECT_FALSE(flapping.down(now + minutes(10)));
    EXPECT_TRUE(flapping.down(now + minutes(11)));
}

TEST(Strangers, TheLastFewAreKeptTheNewestFirst) {
    Strangers strangers;
    const Instant now{seconds(1000)};
    const auto why = finding<FindingId::caller_unknown>();
    const auto at = [](unsigned i) { return IpAddress::v4(0xc000'0200U + i); };
    for (unsigned i = 0; i <= limits::strangers_told; ++i) {
        strangers.called(at(i), why, now);
    }
    ASSERT_EQ(strangers.all().size(), limits::strangers_told);
    EXPECT_EQ(strangers.all().front().address, at(limits::strangers_told));
    strangers.called(at(1), why, now + seconds(1));
    ASSERT_EQ(strangers.all().size(), limits::strangers_told);
    EXPECT_EQ(strangers.all().front().address, at(1));
    EXPECT_EQ(strangers.all().front().times, 2U);
    EXPECT_EQ(strangers.all().front().since, now);
}

}  // namespace
}  // namespace causeway::ike
