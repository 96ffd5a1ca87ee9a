// A data plane that carries nothing, and another in its place: what the engine tells of the first, and what it makes of
// pairs that are forgotten.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>

#include "ike/limits.hpp"
#include "world/world.hpp"

namespace causeway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using world::Gateway;
using world::World;

class OtherPlane : public testing::Test {
 protected:
    void SetUp() override {
        world_ = World::west_and_east(7, World::DiffieHellman::toy);
        ASSERT_TRUE(world_->start(west()));
        ASSERT_TRUE(world_->start(east()));
        world_->input(west(), ike::CommandUp{"east"});
        world_->settle();
        ASSERT_EQ(west().installed.size(), 1U);
    }
    Gateway& west() { return world_->gateway("west"); }
    Gateway& east() { return world_->gateway("east"); }

    /// A packet a second that nobody answers, while all of IKE arrives.
    void send_in_vain(Duration duration) {
        for (Duration passed{}; passed < duration; passed += seconds(1)) {
            ASSERT_TRUE(world_->packet_in_vain(west()));
            world_->pass(seconds(1));
            world_->settle();
        }
    }

    std::unique_ptr<World> world_;
};

TEST_F(OtherPlane, IsAskedForOnceWhenNothingComesBackThoughThePeerAnswers) {
    send_in_vain(ike::limits::one_way_after - seconds(1));
    EXPECT_EQ(west().nothing_came_back, 0U);
    send_in_vain(seconds(10));
    EXPECT_EQ(west().nothing_came_back, 1U);
    EXPECT_EQ(east().nothing_came_back, 0U);
}

TEST_F(OtherPlane, GetsPairsOfItsOwnInPlaceOfThoseThatAreForgotten) {
    const auto before = west().installed.begin()->second.pair;
    world_->input(west(), sa::Event{sa::Forgotten{before->id}});
    world_->settle();
    EXPECT_FALSE(west().installed.contains(before->id));
    // A tunnel that has lost what carried it is made anew after a moment.
    for (Duration passed{}; west().installed.empty() && passed < seconds(30); passed += milliseconds(100)) {
        world_->pass(milliseconds(100));
        world_->settle();
    }
    ASSERT_EQ(west().installed.size(), 1U);
    const auto after = west().installed.begin()->second.pair;
    EXPECT_NE(after->inbound.spi, before->inbound.spi);
    EXPECT_NE(after->outbound.spi, before->outbound.spi);
    EXPECT_TRUE(std::ranges::none_of(east().installed, [&](const auto& one) {
        return one.second.pair->inbound.spi == before->outbound.spi;
    })) << "the peer was not told";
    EXPECT_TRUE(std::ranges::any_of(east().installed, [&](const auto& one) {
        return one.second.pair->inbound.spi == after->outbound.spi;
    }));
}

TEST_F(OtherPlane, APairThatIsGoneAlreadyIsNotMissed) {
    const auto before = west().installed.begin()->second.pair;
    world_->input(west(), sa::Event{sa::Forgotten{sa::SaId{static_cast<std::uint64_t>(before->id) + 1000}}});
    world_->settle();
    ASSERT_EQ(west().installed.size(), 1U);
    EXPECT_EQ(west().installed.begin()->second.pair->inbound.spi, before->inbound.spi);
}

}  // namespace
}  // namespace causeway
