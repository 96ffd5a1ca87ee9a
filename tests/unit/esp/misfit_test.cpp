// What a table tells of packets that come and are of no use: once, and not again for a while.
#include <chrono>
#include <gtest/gtest.h>
#include <utility>
#include <variant>
#include <vector>

#include "esp/sa_table.hpp"
#include "unit/esp/suites.hpp"

namespace causeway::esp {
namespace {

using std::chrono::seconds;
using test::Gateway;

template <class Told>
std::vector<Told> told(Gateway& gateway) {
    std::vector<Told> found;
    for (const auto& event : gateway.table.take_events()) {
        if (const auto* one = std::get_if<Told>(&event)) {
            found.push_back(*one);
        }
    }
    return found;
}

/// Sealed, and then damaged.
Bytes damaged(Gateway& sender) {
    Bytes packet = sender.seal_one(test::udp_packet(62));
    packet.back() ^= 1U;
    return packet;
}

TEST(Misfit, PacketsThatAllFailTheirCheckAreToldOnceThereAreSome) {
    Gateway a(true);
    Gateway b(false);
    for (unsigned i = 1; i < sa::unauthentic_first; ++i) {
        EXPECT_EQ(b.open_one(damaged(a)).why, Drop::integrity);
    }
    EXPECT_TRUE(told<sa::Unauthentic>(b).empty());
    b.open_one(damaged(a));
    const auto first = told<sa::Unauthentic>(b);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].id, sa::SaId{1});
    EXPECT_EQ(first[0].count, sa::unauthentic_first);
    b.open_one(damaged(a));
    EXPECT_TRUE(told<sa::Unauthentic>(b).empty()) << "not for each";
    b.now += sa::misfit_interval;
    b.open_one(damaged(a));
    EXPECT_EQ(told<sa::Unauthentic>(b).size(), 1U);
}

TEST(Misfit, OneGoodPacketMakesDamagedOnesNothingToSpeakOf) {
    Gateway a(true);
    Gateway b(false);
    EXPECT_EQ(b.open_one(a.seal_one(test::udp_packet(62))).why, Drop::none);
    for (unsigned i = 0; i < 4 * sa::unauthentic_first; ++i) {
        b.open_one(damaged(a));
    }
    EXPECT_TRUE(told<sa::Unauthentic>(b).empty());
}

TEST(Misfit, PacketsOfOthersAreToldWithTheirAddresses) {
    // The sender's tunnel is wider than the receiver's.
    Gateway a(true, {}, false);
    sa::SaPair wide = test::pair_of(true);
    wide.local = {*Ipv4Net::parse("192.168.0.0/16"), 0, 0};
    const Tunnel tunnel = test::tunnel_of(wide);
    a.table.set_tunnels({&tunnel, 1});
    ASSERT_TRUE(a.table.install(test::shared(std::move(wide)), true));
    Gateway b(false);
    test::IpFields other;
    other.source = 0xc0a80707;  // 192.168.7.7
    EXPECT_EQ(b.open_one(a.seal_one(test::udp_packet(62, other))).why, Drop::selectors);
    const auto first = told<sa::Misrouted>(b);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].source.text(), "192.168.7.7");
    EXPECT_EQ(first[0].destination.text(), "192.168.0.3");
    EXPECT_EQ(first[0].count, 1U);
    b.open_one(a.seal_one(test::udp_packet(62, other)));
    EXPECT_TRUE(told<sa::Misrouted>(b).empty()) << "not for each";
    b.now += sa::misfit_interval;
    b.open_one(a.seal_one(test::udp_packet(62, other)));
    const auto again = told<sa::Misrouted>(b);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].count, 3U);
}

}  // namespace
}  // namespace causeway::esp
