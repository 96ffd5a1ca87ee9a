// The path's MTU found out by padded liveness questions: down the sizes, what answers mean, and that liveness
// is none the wiser.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <vector>

#include "ike/limits.hpp"
#include "world/world.hpp"

namespace causeway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using world::Flight;
using world::Gateway;
using world::World;

constexpr std::size_t around = 28;  // IPv4 and UDP, port 500

class PathProbe : public testing::Test {
 protected:
    void SetUp() override {
        world_ = World::west_and_east(7, World::DiffieHellman::toy);
        ASSERT_TRUE(world_->start(west()));
        ASSERT_TRUE(world_->start(east()));
        world_->input(west(), ike::CommandUp{"east"});
        world_->settle();
        ASSERT_EQ(west().installed.size(), 1U);
        id_ = west().installed.begin()->first;
        EXPECT_TRUE(west().installed.begin()->second.pair->probe_path);
    }
    Gateway& west() { return world_->gateway("west"); }
    Gateway& east() { return world_->gateway("east"); }

    /// TCP begins, and for a while the wire carries what is not larger than `mtu_`.
    void ask(std::size_t device, Duration duration = seconds(10)) {
        world_->input(west(), sa::Event{sa::PathUnproven{id_, device}});
        run(duration);
    }
    void run(Duration duration) {
        for (Duration passed{}; passed < duration; passed += milliseconds(10)) {
            carry();
            world_->pass(milliseconds(10));
        }
        carry();
    }
    void carry() {
        while (!world_->wire().empty()) {
            const Flight flight = world_->wire().front();
            world_->wire().pop_front();
            if (flight.from == "west" && flight.payload.size() + around > 300) {
                tried_.push_back(flight.payload.size() + around);
            }
            if (flight.payload.size() + around <= mtu_) {
                world_->deliver(flight);
            }
        }
    }
    [[nodiscard]] std::size_t said(EventCode code) {
        return static_cast<std::size_t>(std::ranges::count(west().events, code, &Event::code));
    }

    std::unique_ptr<World> world_;
    sa::SaId id_{};
    std::size_t mtu_ = 9000;
    std::vector<std::size_t> tried_;  ///< IP packets of west, the small ones left out
};

TEST_F(PathProbe, AWholePathIsProvenByOneAnswer) {
    ask(1500);
    ASSERT_EQ(west().paths.size(), 1U);
    EXPECT_EQ(west().paths[0].id, id_);
    EXPECT_EQ(west().paths[0].octets, 1500U);
    ASSERT_EQ(tried_.size(), 1U);
    EXPECT_GT(tried_[0], 1500U - 16);
    EXPECT_LE(tried_[0], 1500U);
    EXPECT_EQ(said(EventCode::path_proven), 1U);
}

TEST_F(PathProbe, DownTheSizesUntilOneArrives) {
    mtu_ = 1280;
    ask(1500, seconds(5));
    ASSERT_EQ(west().paths.size(), 1U);
    ASSERT_TRUE(west().paths[0].octets);
    EXPECT_GT(*west().paths[0].octets, 1280U - 16);
    EXPECT_LE(*west().paths[0].octets, 1280U);
    ASSERT_EQ(tried_.size(), 10U);  // the device's twice, then each of the list
    EXPECT_EQ(tried_[0], tried_[1]);
    EXPECT_TRUE(std::is_sorted(tried_.rbegin(), tried_.rend()));
    EXPECT_EQ(*west().paths[0].octets, tried_.back());
    EXPECT_EQ(said(EventCode::path_reduced), 1U);
    ask(1500, seconds(5));
    EXPECT_EQ(west().paths.size(), 2U);
    EXPECT_EQ(said(EventCode::path_reduced), 1U);  // it is the same one
}

TEST_F(PathProbe, ASizeBetweenIsFoundFromBelow) {
    mtu_ = 1400;
    ask(1492);
    ASSERT_EQ(west().paths.size(), 1U);
    EXPECT_GT(west().paths[0].octets, 1400U - 16);
    EXPECT_LE(west().paths[0].octets, 1400U);
}

TEST_F(PathProbe, APeerThatTakesNoPaddingIsAskedOnce) {
    mtu_ = 300;
    ask(1500);
    ASSERT_EQ(west().paths.size(), 1U);
    EXPECT_FALSE(west().paths[0].octets);
    EXPECT_EQ(said(EventCode::path_unknown), 1U);
    const std::size_t tried = tried_.size();
    EXPECT_EQ(tried, 11U);
    ask(1500);
    EXPECT_EQ(west().paths.size(), 2U);
    EXPECT_FALSE(west().paths[1].octets);
    EXPECT_EQ(tried_.size(), tried);
    EXPECT_EQ(said(EventCode::path_unknown), 1U);
}

TEST_F(PathProbe, WhatIsNotAnsweredIsNoSignOfDeath) {
    mtu_ = 300;
    ask(1500, seconds(300));
    EXPECT_EQ(said(EventCode::peer_silent), 0U);
    EXPECT_EQ(said(EventCode::peer_suspected), 0U);
    EXPECT_EQ(west().installed.size(), 1U);
}

TEST_F(PathProbe, ADeadPeerIsFoundAsBefore) {
    mtu_ = 0;
    ask(1500, seconds(300));
    EXPECT_TRUE(west().paths.empty());  // nothing is known, so it is asked again another time
    EXPECT_TRUE(tried_.empty());
    EXPECT_GE(said(EventCode::peer_silent), 1U);
}

TEST_F(PathProbe, PairsOfOnePeerShareTheAnswer) {
    world_->input(west(), sa::Event{sa::PathUnproven{id_, 1500}});
    ask(1500);
    EXPECT_EQ(west().paths.size(), 2U);
    EXPECT_EQ(tried_.size(), 1U);
}

TEST_F(PathProbe, AnswersThatComeTwiceChangeNothing) {
    std::vector<Flight> recorded;
    world_->on_send = [&](const Flight& flight) {
        if (flight.from == "east") {
            recorded.push_back(flight);
        }
    };
    mtu_ = 1280;
    ask(1500);
    ASSERT_EQ(west().paths.size(), 1U);
    for (const Flight& flight : recorded) {
        world_->deliver(flight);
    }
    run(seconds(1));
    EXPECT_EQ(west().paths.size(), 1U);
    EXPECT_EQ(tried_.size(), 10U);
}

}  // namespace
}  // namespace causeway
