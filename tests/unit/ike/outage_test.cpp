// Since when a tunnel is down and why, and what the peer has said against it.
#include "ike/engine/outage.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>

#include "base/findings.hpp"

namespace causeway::ike {
namespace {

using std::chrono::seconds;

const Finding one = finding<FindingId::taken_down>();
const Finding another = finding<FindingId::peer_silent>();
constexpr Instant begin{seconds(1000)};

TEST(Outage, BeginsWithoutAReason) {
    const Outage outage(begin);
    EXPECT_EQ(outage.since(), begin);
    EXPECT_EQ(outage.why(), std::nullopt);
}

TEST(Outage, OneThatGoesOnHasBegunBefore) {
    Outage outage(begin);
    outage.go_on(begin + seconds(5), one);
    EXPECT_EQ(outage.since(), begin);
    EXPECT_EQ(outage.why(), one);
    outage.begin(begin + seconds(9), another);
    EXPECT_EQ(outage.since(), begin + seconds(9));
    EXPECT_EQ(outage.why(), another);
}

TEST(Outage, OneThatNobodySawBeginBeginsNow) {
    Outage outage(begin);
    outage.end();
    outage.go_on(begin + seconds(5), one);
    EXPECT_EQ(outage.since(), begin + seconds(5));
}

TEST(Outage, AnExplanationChangesNoTime) {
    Outage outage(begin);
    outage.explain(one);
    EXPECT_EQ(outage.since(), begin);
    EXPECT_EQ(outage.why(), one);
}

TEST(Outage, ItsEndEndsEverything) {
    Outage outage(begin);
    outage.explain(one);
    outage.refuse(another);
    EXPECT_EQ(outage.refusal(), another);
    outage.end();
    EXPECT_EQ(outage.since(), std::nullopt);
    EXPECT_EQ(outage.why(), std::nullopt);
    EXPECT_EQ(outage.refusal(), std::nullopt);
}

}  // namespace
}  // namespace causeway::ike
