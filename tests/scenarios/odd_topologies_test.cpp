// Topologies that no story with two gateways can tell.
#include <gtest/gtest.h>

#include "world/world.hpp"

namespace causeway {
namespace {

using world::World;

TEST(OddTopologies, AGatewayMayTalkToItself) {
    // Both roles of one exchange in one engine: same addresses, same cookies (a test
    // on one machine, a name that points at ourselves).
    World world(3);
    auto& self = world.add("self", "192.0.2.1");
    self.settings.peer = "self";
    self.settings.address = "192.0.2.1";
    self.settings.remote_net = self.settings.local_net;
    ASSERT_TRUE(world.start(self));
    world.input(self, ike::CommandUp{});
    world.settle();
    const auto status = self.engine->status(world.now());
    EXPECT_EQ(status.peers.front().ike_sas.size(), 2U);
    EXPECT_EQ(self.installed.size(), 2U);
    EXPECT_TRUE(world.packet(self, self));
    world.pass(std::chrono::minutes(10), true);
    EXPECT_TRUE(world.packet(self, self));
    EXPECT_LE(self.engine->status(world.now()).peers.front().ike_sas.size(), 4U);
}

TEST(OddTopologies, OverIPv6) {
    auto world = World::west_and_east(4);
    auto& west = world->gateway("west");
    auto& east = world->gateway("east");
    west.address = *IpAddress::parse("2001:db8::1");
    east.address = *IpAddress::parse("2001:db8:1::1");
    west.settings.address = "2001:db8:1::1";
    east.settings.address = "2001:db8::1";
    ASSERT_TRUE(world->start(west));
    ASSERT_TRUE(world->start(east));
    world->input(west, ike::CommandUp{});
    world->settle();
    EXPECT_TRUE(world->packet(west, east));
    EXPECT_TRUE(world->packet(east, west));
    ASSERT_NE(west.sending(), nullptr);
    EXPECT_EQ(west.sending()->pair->encapsulation, sa::Encapsulation::none);
    EXPECT_EQ(west.engine->status(world->now()).peers.front().ike_sas.front().remote_id, "2001:db8:1::1");
}

TEST(OddTopologies, TheSameTunnelUpTwentyTimesOver) {
    auto world = World::west_and_east(5, World::DiffieHellman::toy);
    auto& west = world->gateway("west");
    auto& east = world->gateway("east");
    ASSERT_TRUE(world->start(west));
    ASSERT_TRUE(world->start(east));
    for (int i = 0; i < 20; ++i) {
        world->input(west, ike::CommandUp{});
        world->settle();
        ASSERT_TRUE(world->packet(west, east)) << i;
        ASSERT_TRUE(world->packet(east, west)) << i;
        world->input(i % 2 == 0 ? west : east, ike::CommandDown{});
        world->settle();
        ASSERT_TRUE(west.installed.empty()) << i;
        ASSERT_TRUE(east.installed.empty()) << i;
        world->pass(std::chrono::seconds(3), true);
    }
}

}  // namespace
}  // namespace causeway
