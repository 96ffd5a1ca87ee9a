// How a peer is doing, in short, as the history of connections is made of it; and how long its answers take.
#include "status/pulse.hpp"

#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <vector>

#include "world/world.hpp"

namespace causeway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using world::Flight;
using world::Gateway;
using world::World;

class Pulse : public testing::Test {
 protected:
    void SetUp() override {
        world_ = World::west_and_east(7, World::DiffieHellman::toy);
        ASSERT_TRUE(world_->start(west()));
        ASSERT_TRUE(world_->start(east()));
    }
    Gateway& west() { return world_->gateway("west"); }
    Gateway& east() { return world_->gateway("east"); }
    void up() {
        world_->input(west(), ike::CommandUp{"east"});
        run(seconds(5));
        ASSERT_EQ(west().installed.size(), 1U);
    }

    /// Each datagram takes `line_` to arrive, or is lost.
    void run(Duration duration) {
        for (const Instant end = world_->now() + duration; world_->now() < end;
             world_->pass(milliseconds(5))) {
            while (!world_->wire().empty()) {
                under_way_.push_back({world_->now() + line_, world_->wire().front()});
                world_->wire().pop_front();
            }
            while (!under_way_.empty() && under_way_.front().arrives <= world_->now()) {
                const Flight flight = under_way_.front().flight;
                under_way_.erase(under_way_.begin());
                // Nothing was said for a while: it is no repetition.
                const bool first = flight.from == "west" && last_of_west_ + seconds(5) < world_->now();
                if (flight.from == "west") {
                    last_of_west_ = world_->now();
                }
                if (first_lost_ && first) {
                    ++firsts_;
                } else if (lost_ == 0) {
                    world_->deliver(flight);
                } else {
                    --lost_;
                }
            }
        }
    }
    [[nodiscard]] status::Pulse pulse() { return west().engine->pulses(world_->now()).at(0); }
    [[nodiscard]] status::Peer peer() { return west().engine->status(world_->now()).peers.at(0); }

    struct UnderWay {
        Instant arrives{};
        Flight flight;
    };
    std::unique_ptr<World> world_;
    std::vector<UnderWay> under_way_;
    Duration line_ = milliseconds(40);
    unsigned lost_ = 0;        ///< of those that arrive next
    bool first_lost_ = false;  ///< of west's messages
    unsigned firsts_ = 0;
    Instant last_of_west_{};
};

TEST_F(Pulse, IsThatOfEachRow) {
    const status::Pulse before = pulse();
    EXPECT_EQ(before.peer, "east");
    EXPECT_EQ(before.address, true);  // it is written
    EXPECT_FALSE(before.phase1);
    EXPECT_FALSE(before.a_tunnel_up);
    EXPECT_TRUE(before.a_tunnel_down);
    EXPECT_EQ(before.answers, std::nullopt);
    EXPECT_EQ(before.last, std::nullopt);
    up();
    const status::Pulse after = pulse();
    EXPECT_EQ(after.address, true);
    EXPECT_TRUE(after.phase1);
    EXPECT_TRUE(after.a_tunnel_up);
    EXPECT_FALSE(after.a_tunnel_down);
    EXPECT_EQ(after.answers, true);
}

TEST_F(Pulse, HasTheRoundTripOfTheLine) {
    up();
    EXPECT_EQ(peer().round_trip_us, std::nullopt);
    run(seconds(120));
    ASSERT_TRUE(pulse().last);
    // There and back, and each is looked at every 5 ms.
    EXPECT_GE(pulse().last->took, milliseconds(80));
    EXPECT_LE(pulse().last->took, milliseconds(95));
    EXPECT_EQ(peer().round_trip_us,
              static_cast<std::uint64_t>(pulse().last->took / std::chrono::microseconds(1)));
    EXPECT_LE(pulse().last->at, world_->now());
    EXPECT_GE(pulse().last->at, world_->now() - seconds(60));
}

TEST_F(Pulse, HasNoRoundTripOfAQuestionThatWasRepeated) {
    east().settings.values["dpd"] = "no";  // it is west who asks
    ASSERT_TRUE(world_->start(east()));
    up();
    first_lost_ = true;
    run(seconds(300));
    EXPECT_GE(firsts_, 2U);
    EXPECT_EQ(pulse().answers, true);
    EXPECT_EQ(pulse().last, std::nullopt);
}

TEST_F(Pulse, OfASilentPeerThatNobodyWantsSaysSoOnce) {
    up();
    lost_ = ~0U;
    unsigned silent = 0;
    for (int i = 0; i < 150; ++i) {
        run(seconds(2));
        silent += pulse().answers == false ? 1 : 0;
    }
    EXPECT_GE(silent, 1U);  // while it was asked
    EXPECT_FALSE(pulse().phase1);
    EXPECT_FALSE(pulse().a_tunnel_up);
    EXPECT_EQ(pulse().answers, std::nullopt);
}

TEST_F(Pulse, OfASilentPeerThatIsWantedSaysSoAllTheTime) {
    west().settings.values["start"] = "start";
    ASSERT_TRUE(world_->start(west()));
    run(seconds(5));
    ASSERT_TRUE(pulse().a_tunnel_up);
    lost_ = ~0U;
    run(seconds(300));
    for (int i = 0; i < 60; ++i) {
        run(seconds(7));
        EXPECT_EQ(pulse().answers, false) << i;  // between two attempts as well
    }
    lost_ = 0;
    run(seconds(400));
    EXPECT_EQ(pulse().answers, true);
    EXPECT_TRUE(pulse().phase1);
    EXPECT_TRUE(pulse().a_tunnel_up);
}

}  // namespace
}  // namespace causeway
