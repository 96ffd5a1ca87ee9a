// Topologies that no story with two gateways can tell.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "codec/isakmp/payloads.hpp"
#include "ike/limits.hpp"
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

// So that a back-up carries before the pair is given up, and no longer than it has to.
TEST(OddTopologies, APairIsDoubtedWhileItsPeerGivesNoSignOfLife) {
    auto world = World::west_and_east(6, World::DiffieHellman::toy);
    auto& west = world->gateway("west");
    auto& east = world->gateway("east");
    ASSERT_TRUE(world->start(west));
    ASSERT_TRUE(world->start(east));
    world->input(west, ike::CommandUp{});
    world->settle();
    ASSERT_TRUE(world->packet(west, east));
    ASSERT_TRUE(world->packet(east, west));
    const auto doubted = [&] {
        const bool of_status = west.engine->status(world->now()).peers.front().tunnels.front().doubted;
        EXPECT_EQ(west.sending()->doubted, of_status);
        return of_status;
    };
    const auto quiet_second = [&] {
        ASSERT_TRUE(world->packet_in_vain(west));
        world->pass(std::chrono::seconds(1));
        world->wire().clear();
    };
    int seconds = 0;
    for (; seconds < 15 && !doubted(); ++seconds) {
        quiet_second();
    }
    // Three seconds of traffic in vain, and two questions.
    EXPECT_GE(seconds, 5);
    EXPECT_LE(seconds, 7);
    world->pass(std::chrono::seconds(5), true);
    ASSERT_NE(west.sending(), nullptr);
    EXPECT_FALSE(doubted());
    EXPECT_TRUE(world->packet(west, east));
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

/// West makes another ISAKMP SA again and again, and its deletes never arrive: of those that pile up at east
/// the oldest go, for what is under way is under the latest.
TEST(OddTopologies, OfTooManyIsakmpSasTheOldestGo) {
    auto world = World::west_and_east(6, World::DiffieHellman::toy);
    auto& west = world->gateway("west");
    auto& east = world->gateway("east");
    ASSERT_TRUE(world->start(west));
    ASSERT_TRUE(world->start(east));
    const auto second = [&] {
        world->pass(std::chrono::seconds(1));
        std::erase_if(world->wire(), [](const auto& flight) {
            return flight.seen.header.exchange == isakmp::ExchangeType::informational;
        });
        world->settle();
    };
    const auto cookies = [&](const auto& gateway) {
        std::set<std::string> all;
        const auto status = gateway.engine->status(world->now());
        for (const auto& sa : status.peers.front().ike_sas) {
            all.insert(sa.cky_i);
        }
        return all;
    };
    world->input(west, ike::CommandUp{});
    world->settle();
    std::vector<std::string> made;  // by west, in this order
    for (int i = 0; i < 200 && made.size() < ike::limits::ike_sas_per_peer + 3; ++i) {
        ASSERT_TRUE(world->packet_in_vain(west));
        second();
        for (const auto& cookie : cookies(west)) {
            if (std::find(made.begin(), made.end(), cookie) == made.end()) {
                made.push_back(cookie);
            }
        }
    }
    ASSERT_EQ(made.size(), ike::limits::ike_sas_per_peer + 3);
    const auto youngest = made.end() - static_cast<std::ptrdiff_t>(ike::limits::ike_sas_per_peer);
    EXPECT_EQ(cookies(east), std::set<std::string>(youngest, made.end()));
}

/// While a renewal is on, both ISAKMP SAs stand: where the peer is now concerns them both, for nobody knows
/// which one will have to serve.
TEST(OddTopologies, EveryIsakmpSaFollowsAPeerThatMoves) {
    auto world = World::west_and_east(7, World::DiffieHellman::toy);
    auto& west = world->gateway("west");
    auto& east = world->gateway("east");
    world->put_behind_nat(west, "203.0.113.9", true);
    east.settings.address = "any";
    for (auto* gateway : {&west, &east}) {
        gateway->settings.values["id"] = "@" + gateway->name + ".example";
        gateway->settings.values["peer-id"] = "@" + gateway->settings.peer + ".example";
        gateway->settings.values["ike-lifetime"] = "600";
        ASSERT_TRUE(world->start(*gateway));
    }
    world->input(west, ike::CommandUp{});
    world->settle();
    const auto ports = [&] {
        std::vector<std::uint16_t> all;
        const auto status = east.engine->status(world->now());
        for (const auto& sa : status.peers.front().ike_sas) {
            all.push_back(sa.remote.port);
        }
        return all;
    };
    for (int i = 0; i < 600 && ports().size() < 2; ++i) {
        world->pass(std::chrono::seconds(1), true);
    }
    const auto before = ports();
    ASSERT_EQ(before.size(), 2U);
    ASSERT_EQ(before[0], before[1]);
    world->rebind_nat(west);
    ASSERT_TRUE(world->packet(west, east));  // its ESP shows where it is
    const auto after = ports();
    ASSERT_EQ(after.size(), 2U);
    EXPECT_NE(after[0], before[0]);
    EXPECT_EQ(after[0], after[1]);
    world->rebind_nat(west);
    world->pass(std::chrono::seconds(20), true);  // its own ISAKMP messages do
    const auto at_last = ports();
    ASSERT_EQ(at_last.size(), 2U);
    EXPECT_NE(at_last[0], after[0]);
    EXPECT_EQ(at_last[0], at_last[1]);
}

/// The last message of a renewal of Phase 1 is lost, and the peer deletes the ISAKMP SA that was before:
/// whether it has the new one is asked at once, not when that is needed.
TEST(OddTopologies, AnUnprovenIsakmpSaIsAskedWhenTheOtherGoes) {
    auto world = World::west_and_east(9, World::DiffieHellman::toy);
    auto& west = world->gateway("west");
    auto& east = world->gateway("east");
    for (auto* gateway : {&west, &east}) {
        gateway->settings.values["mode"] = "aggressive";
        gateway->settings.values["ike-lifetime"] = "600";
        ASSERT_TRUE(world->start(*gateway));
    }
    Bytes of_the_old_one;
    world->on_send = [&](const world::Flight& flight) {
        if (flight.seen.header.exchange == isakmp::ExchangeType::quick) {
            of_the_old_one = flight.payload;
        }
    };
    world->input(west, ike::CommandUp{});
    world->settle();
    const auto last_message = [](const world::Flight& flight) {
        return flight.seen.header.exchange == isakmp::ExchangeType::aggressive &&
               flight.seen.header.encrypted();
    };
    bool lost = false;
    for (int i = 0; i < 600 && !lost; ++i) {
        world->pass(std::chrono::seconds(1));
        while (!lost && !world->wire().empty()) {
            const auto flight = world->wire().front();
            world->wire().pop_front();
            lost = last_message(flight);
            if (!lost) {
                world->deliver(flight);
            }
        }
    }
    ASSERT_TRUE(lost);
    ASSERT_TRUE(world->wire().empty());
    const Bytes cookies(of_the_old_one.begin(), of_the_old_one.begin() + 16);
    const auto deletes = world->observer().composed(
        of_the_old_one, isakmp::ExchangeType::informational, 0x12345678,
        {{isakmp::PayloadType::delete_,
          isakmp::encode(isakmp::Delete{isakmp::doi_ipsec, isakmp::Protocol::isakmp, 16, {cookies}})}});
    ASSERT_TRUE(deletes);
    world->input(west, ike::Datagram{{west.address, 500}, {east.address, 500}, *deletes});
    ASSERT_EQ(world->wire().size(), 1U);
    EXPECT_EQ(world::Observer::describe(world->wire().front().seen.payloads), "HASH N:R-U-THERE");
}

/// The last message of Phase 1 is lost for good, and the responder has an ISAKMP SA that only it knows: the
/// one that both know is renewed in its time all the same.
TEST(OddTopologies, TheIsakmpSaThatBothKnowIsRenewedBesideOneThatOnlyWeKnow) {
    auto world = World::west_and_east(9, World::DiffieHellman::toy);
    auto& west = world->gateway("west");
    auto& east = world->gateway("east");
    west.settings.values["ike-lifetime"] = "7200";
    east.settings.values["ike-lifetime"] = "1200";
    east.settings.values["dpd"] = "no";
    ASSERT_TRUE(world->start(west));
    ASSERT_TRUE(world->start(east));
    world->input(west, ike::CommandUp{});
    world->settle();
    const auto isakmp_sas = [&](const world::Gateway& gateway) {
        std::size_t established = 0;
        const auto status = gateway.engine->status(world->now());
        for (const auto& sa : status.peers.front().ike_sas) {
            established += sa.established ? 1 : 0;
        }
        return established;
    };
    // West doubts the peer, for nothing comes back but the first messages of another Phase 1.
    world->pass(std::chrono::seconds(300), true);
    for (int i = 0; i < 120 && isakmp_sas(east) < 2; ++i) {
        ASSERT_TRUE(world->packet_in_vain(west));
        world->pass(std::chrono::seconds(1));
        while (!world->wire().empty()) {
            const auto flight = world->wire().front();
            world->wire().pop_front();
            if (flight.seen.header.exchange == isakmp::ExchangeType::main &&
                !(flight.from == "east" && flight.seen.header.encrypted())) {
                world->deliver(flight);
            }
        }
    }
    ASSERT_EQ(isakmp_sas(east), 2U);
    ASSERT_EQ(isakmp_sas(west), 1U);
    for (int i = 0; i < 40; ++i) {  // until west gives it up
        world->pass(std::chrono::seconds(1));
        std::erase_if(world->wire(), [](const world::Flight& flight) {
            return flight.seen.header.exchange == isakmp::ExchangeType::main;
        });
        world->settle();
    }
    ASSERT_EQ(isakmp_sas(west), 1U);
    for (int i = 0; i < 1200; ++i) {
        world->pass(std::chrono::seconds(1));
        while (!world->wire().empty()) {
            const auto flight = world->wire().front();
            world->wire().pop_front();
            world->deliver(flight);
            ASSERT_GE(isakmp_sas(west), 1U) << "after " << i << " s";
        }
        ASSERT_TRUE(world->packet(west, east));
        ASSERT_TRUE(world->packet(east, west));
    }
}

/// Two hundred branches that come from anywhere, each with a key of its own: it is the last one that calls.
TEST(OddTopologies, TheKeyOfTheLastOfManyIsFound) {
    auto world = World::west_and_east(8, World::DiffieHellman::toy);
    auto& west = world->gateway("west");
    auto& east = world->gateway("east");
    ASSERT_TRUE(world->start(west));
    ASSERT_TRUE(world->start(east));
    auto model = std::make_shared<config::Model>();
    for (unsigned i = 1; i <= 200; ++i) {
        auto settings = east.settings;
        settings.peer = fmt::format("branch{}", i);
        settings.address = "any";
        settings.values["peer-id"] = i == 200 ? "192.0.2.1" : fmt::format("@branch{}.example", i);
        settings.values["psk"] = i == 200 ? "swordfish" : fmt::format("key {}", i);
        auto peer = world::make_peer(settings, i);
        ASSERT_TRUE(peer);
        model->peers.push_back(std::move(*peer));
    }
    world->input(east, ike::Reload{std::move(model)});
    world->input(west, ike::CommandUp{});
    world->settle();
    EXPECT_TRUE(world->packet_in_vain(west));  // it has a pair to send on
    EXPECT_FALSE(east.installed.empty());
}

}  // namespace
}  // namespace causeway
