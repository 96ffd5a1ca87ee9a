// The toy protocol on a line that loses datagrams: what a session repeats by itself, and what the engine makes of the
// rest.
#include <chrono>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <utility>

#include "ike/limits.hpp"
#include "scenarios/toy_pair.hpp"

namespace causeway::toy {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using What = Order::What;

/// The first message of one kind is lost; nothing else is.
class OneMessageLost : public ToyPair, public testing::WithParamInterface<Kind> {};

TEST_P(OneMessageLost, ItIsRepeatedAndNothingElseHappens) {
    loses_ = [&](const Sent& one) { return one.kind == GetParam() && lost_.empty(); };
    start({{"esp-lifetime", "400"}}, {{"esp-lifetime", "400"}});
    run(seconds(399));
    ASSERT_EQ(lost_.size(), 1U);
    const auto all = sent(GetParam(), lost_[0].from);
    ASSERT_GE(all.size(), 2U);
    // The very same message, a pause later.
    EXPECT_EQ(all[1].header, all[0].header);
    EXPECT_EQ(all[1].at - all[0].at, ike::limits::retransmit_first);
    // One session, one child and its successor, whatever came twice.
    for (const auto* gateway : {&west(), &east()}) {
        EXPECT_EQ(status_of(*gateway).ike_sas.size(), 1U) << gateway->name;
        EXPECT_EQ(status_of(*gateway).established, 1U) << gateway->name;
        EXPECT_EQ(orders(*gateway, What::install).size(), 2U) << gateway->name;
        EXPECT_EQ(orders(*gateway, What::remove).size(), 1U) << gateway->name;
        EXPECT_EQ(count(*gateway, EventCode::peer_suspected), 0U) << gateway->name;
    }
    EXPECT_TRUE(packets());
}

INSTANTIATE_TEST_SUITE_P(AnotherVersion, OneMessageLost,
                         testing::Values(Kind::hello, Kind::welcome, Kind::prove, Kind::proved, Kind::child,
                                         Kind::child_ok, Kind::alive, Kind::alive_ok, Kind::remove,
                                         Kind::removed),
                         [](const auto& test) { return name_of(test.param); });

/// Every third datagram is lost, beginning with another one each time.
class ManyLost : public ToyPair, public testing::WithParamInterface<std::size_t> {};

TEST_P(ManyLost, TheTunnelIsThereWhenTheyArriveAgain) {
    std::size_t number = GetParam();
    loses_ = [&](const Sent&) { return ++number % 3 == 0; };
    start({{"esp-lifetime", "90"}, {"ike-lifetime", "200"}},
          {{"esp-lifetime", "90"}, {"ike-lifetime", "200"}});
    run(minutes(15));
    EXPECT_GE(lost_.size(), 30U);
    EXPECT_GE(orders(west(), What::install).size(), 8U);
    EXPECT_GE(sent(Kind::hello, "west").size() + sent(Kind::hello, "east").size(), 4U);
    loses_ = nullptr;
    run(minutes(2));
    const auto carried = packets();
    EXPECT_TRUE(carried) << carried.error().text();
    // What one end sends on the other one knows.
    for (const auto& [from, to] : {std::pair{&west(), &east()}, {&east(), &west()}}) {
        for (const auto& [id, one] : from->installed) {
            EXPECT_NE(to->receiving(one.pair->outbound.spi), nullptr) << from->name;
        }
    }
    EXPECT_LE(west().installed.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(AnotherVersion, ManyLost, testing::Values(0U, 1U, 2U));

using AnotherVersionInVain = ToyPair;

TEST_F(AnotherVersionInVain, NobodyAnswersTheCall) {
    loses_ = [](const Sent&) { return true; };
    start();
    run(seconds(40));
    // As often as limits.hpp says, then a pause and another session.
    const auto all = sent(Kind::hello, "west");
    ASSERT_GT(all.size(), ike::limits::retransmit_tries);
    EXPECT_EQ(all[ike::limits::retransmit_tries - 1].header.cky_i, all[0].header.cky_i);
    EXPECT_NE(all[ike::limits::retransmit_tries].header.cky_i, all[0].header.cky_i);
    EXPECT_EQ(event(west(), EventCode::phase1_no_answer).field("state"), "HELLO");
    ASSERT_TRUE(status_of(west()).tunnels[0].why_down);
    EXPECT_EQ(status_of(west()).tunnels[0].why_down->code, "no-answer");
    loses_ = nullptr;
    run(minutes(2));
    EXPECT_TRUE(packets());
}

TEST_F(AnotherVersionInVain, AResponderForgetsWhoNeverProvesItself) {
    loses_ = [](const Sent& one) { return one.kind == Kind::prove; };
    start();
    EXPECT_EQ(east().engine->status(world_->now()).half_open, 1U);
    run(ike::limits::half_open_time + seconds(1));
    EXPECT_EQ(event(west(), EventCode::phase1_no_answer).field("state"), "PROVE");
    EXPECT_LE(east().engine->status(world_->now()).half_open, 1U);
    EXPECT_EQ(status_of(east()).established, 0U);
}

TEST_F(AnotherVersionInVain, NobodyAnswersTheRenewalAndAnotherSessionIsMade) {
    start({{"esp-lifetime", "120"}}, {{"esp-lifetime", "120"}});
    ASSERT_TRUE(packets());
    loses_ = [](const Sent& one) { return one.from == "west" && one.header.message_id > 2; };
    std::string gap;
    each_step_ = [&] {
        const auto carried = packets();
        gap = carried ? gap : carried.error().text();
    };
    run(seconds(118));
    EXPECT_EQ(gap, "");
    EXPECT_EQ(count(west(), EventCode::peer_suspected), 1U);
    EXPECT_GE(sent(Kind::hello, "west").size(), 2U);
    EXPECT_EQ(count(west(), EventCode::phase2_rekeyed), 1U);
}

}  // namespace
}  // namespace causeway::toy
