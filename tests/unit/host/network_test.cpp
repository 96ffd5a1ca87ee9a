// The monitor and the path finder, in a network namespace of the test's own.
#include <cstdlib>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <optional>
#include <sched.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "host/legacy_iptables.hpp"
#include "host/network_monitor.hpp"
#include "host/path_finder.hpp"
#include "host/routes.hpp"
#include "loop.hpp"

namespace causeway::host {
namespace {

using test::address;
using test::runs_until;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

void shell(const std::string& command) {
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

// Two devices that are joined, `wan` and `lan`; everything ends with the process.
class NetworkTest : public ::testing::Test {
 protected:
    void SetUp() override {
        home_ = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        if (::unshare(CLONE_NEWNET) != 0) {
            GTEST_SKIP() << "needs root: a network namespace";
        }
        shell(
            "ip link set lo up && ip link add wan type veth peer name lan && "
            "ip address add 203.0.113.56/24 dev wan && ip address add 192.168.1.1/24 dev lan && "
            "ip link set wan up && ip link set lan up && ip route add default via 203.0.113.1");
    }
    void TearDown() override {
        EXPECT_EQ(::setns(home_, CLONE_NEWNET), 0);
        ::close(home_);
    }
    int home_ = -1;
    EventLoop loop_;
};

TEST_F(NetworkTest, AddressesAreThoseThatAPeerCouldReach) {
    const auto monitor = NetworkMonitor::open(loop_, "tun-own");
    ASSERT_TRUE(monitor);
    EXPECT_THAT((*monitor)->addresses(), ElementsAre(address("192.168.1.1"), address("203.0.113.56")));
}

TEST_F(NetworkTest, RulesThatNftablesDoesNotShowAreKnownToBeThere) {
    if (std::system("command -v iptables-legacy > /dev/null") != 0) {
        GTEST_SKIP() << "needs iptables-legacy";
    }
    EXPECT_EQ(legacy_filter(), LegacyRules::none);
    shell("iptables-legacy -t nat -L -n > /dev/null");
    EXPECT_EQ(legacy_filter(), LegacyRules::none);
    shell("iptables-legacy -L -n > /dev/null");  // makes the table, as every use does
    EXPECT_EQ(legacy_filter(), LegacyRules::there);
}

TEST_F(NetworkTest, AnyRuleThatTheSystemDidNotMakeIsUnusual) {
    auto routes = Routes::open();
    ASSERT_TRUE(routes);
    for (const std::string rule :
         {"priority 99 lookup 7", "priority 99 fwmark 1 lookup main", "priority 99 to 10.0.0.0/8 lookup main",
          "priority 99 from 10.0.0.0/8 lookup main", "priority 99 iif lan lookup main",
          "priority 99 tos 0x10 lookup main", "priority 99 uidrange 1-2 lookup main",
          "priority 99 ipproto udp lookup main", "priority 99 unreachable",
          "priority 99 lookup main suppress_prefixlength 0", "priority 99 l3mdev",
          "priority 32766 fwmark 1 lookup main"}) {
        EXPECT_EQ(routes->rules_are_usual(), true) << "before " << rule;
        shell("ip rule add " + rule);
        EXPECT_EQ(routes->rules_are_usual(), false) << rule;
        shell(rule.starts_with("priority 99") ? "ip rule del priority 99" : "ip rule del " + rule);
    }
    shell("ip -6 rule add priority 99 lookup 7");
    EXPECT_EQ(routes->rules_are_usual(), true) << "IPv6 has its own";
    shell("ip rule del priority 32766");
    EXPECT_EQ(routes->rules_are_usual(), false) << "main is not asked";
    shell("ip rule add priority 32766 lookup main");
    EXPECT_EQ(routes->rules_are_usual(), true);
    shell("ip rule del priority 0 && ip rule add priority 98 lookup local");
    EXPECT_EQ(routes->rules_are_usual(), false) << "the local table comes later";
}

TEST_F(NetworkTest, MoreThanAddressesMayBeLocal) {
    auto routes = Routes::open();
    ASSERT_TRUE(routes);
    EXPECT_EQ(routes->more_is_local(), false);
    for (const std::string net : {"10.9.0.0/16", "10.9.9.9"}) {
        shell("ip route add local " + net + " dev lo");
        EXPECT_EQ(routes->more_is_local(), true) << net;
        shell("ip route del local " + net + " dev lo");
        EXPECT_EQ(routes->more_is_local(), false) << net;
    }
}

TEST_F(NetworkTest, ABurstOfChangesIsToldOnce) {
    const auto monitor = NetworkMonitor::open(loop_, "tun-own");
    ASSERT_TRUE(monitor);
    std::vector<NetworkMonitor::Change> changes;
    (*monitor)->on_change = [&](const NetworkMonitor::Change& change) { changes.push_back(change); };
    shell(
        "ip address del 203.0.113.56/24 dev wan && ip address add 203.0.113.57/24 dev wan && "
        "ip route replace default via 203.0.113.2");
    ASSERT_TRUE(runs_until(loop_, [&] {
        return !changes.empty() && (*monitor)->addresses().back() == address("203.0.113.57");
    }));
    EXPECT_TRUE(changes.back().addresses);
    EXPECT_TRUE(changes.back().ways_out);
    EXPECT_LE(changes.size(), 2U);  // a slow machine may stretch the burst
}

TEST_F(NetworkTest, TheOwnDeviceDoesNotCount) {
    const auto monitor = NetworkMonitor::open(loop_, "lan");
    ASSERT_TRUE(monitor);
    EXPECT_THAT((*monitor)->addresses(), ElementsAre(address("203.0.113.56")));
    std::optional<NetworkMonitor::Change> change;
    (*monitor)->on_change = [&](const NetworkMonitor::Change& one) { change = one; };
    shell("ip address add 192.168.1.2/24 dev lan");
    ASSERT_TRUE(runs_until(loop_, [&] { return change.has_value(); }));
    EXPECT_FALSE(change->addresses);
}

TEST_F(NetworkTest, TheRouteTellsTheSourceAddress) {
    auto routes = Routes::open();
    ASSERT_TRUE(routes);
    const DeviceFilter all;
    auto source = source_for(*routes, address("198.51.100.1"), {}, all, "tun-own");
    ASSERT_TRUE(source) << source.error().text();
    EXPECT_EQ(*source, address("203.0.113.56"));
    source = source_for(*routes, address("198.51.100.1"), address("192.168.1.1"), all, "tun-own");
    ASSERT_TRUE(source) << source.error().text();
    EXPECT_EQ(*source, address("192.168.1.1"));
}

TEST_F(NetworkTest, WhatStandsInTheWayIsSaid) {
    auto routes = Routes::open();
    ASSERT_TRUE(routes);
    const DeviceFilter all;
    DeviceFilter lan({"lan"});
    lan.refresh();
    const IpAddress peer = address("198.51.100.1");
    EXPECT_THAT(source_for(*routes, peer, {}, lan, "tun-own").error().text(),
                HasSubstr("198.51.100.1 is reached through wan, but IKE listens on lan only"));
    EXPECT_THAT(source_for(*routes, peer, {}, all, "wan").error().text(),
                HasSubstr("leads into the tunnel (wan)"));
    EXPECT_THAT(source_for(*routes, peer, address("2001:db8::1"), all, "tun-own").error().text(),
                HasSubstr("one is IPv4, the other IPv6"));
    EXPECT_FALSE(source_for(*routes, peer, address("192.0.2.77"), all, "tun-own"));
    shell("ip route del default");
    EXPECT_FALSE(source_for(*routes, peer, {}, all, "tun-own"));
}

TEST_F(NetworkTest, WhatMeansNothingIsNoChange) {
    const auto monitor = NetworkMonitor::open(loop_, "tun-own");
    ASSERT_TRUE(monitor);
    std::vector<NetworkMonitor::Change> changes;
    (*monitor)->on_change = [&](const NetworkMonitor::Change& change) { changes.push_back(change); };
    // As wireless devices, bridges and router advertisements do.
    shell(
        "ip link set lan alias x && ip link add idle0 type veth peer name idle1 && "
        "ip route add 198.51.100.0/24 via 203.0.113.1");
    ASSERT_TRUE(runs_until(loop_, [&] { return !changes.empty(); }));
    for (const auto& change : changes) {
        EXPECT_FALSE(change.addresses);
        EXPECT_FALSE(change.ways_out);
    }
}

TEST_F(NetworkTest, ADeviceThatIsMadeAnewWithTheSameAddressIsAnotherWayOut) {
    const auto monitor = NetworkMonitor::open(loop_, "tun-own");
    ASSERT_TRUE(monitor);
    std::optional<NetworkMonitor::Change> change;
    (*monitor)->on_change = [&](const NetworkMonitor::Change& one) { change = one; };
    shell(
        "ip link del wan && ip link add wan type veth peer name lan && "
        "ip address add 203.0.113.56/24 dev wan && ip address add 192.168.1.1/24 dev lan && "
        "ip link set wan up && ip link set lan up && ip route add default via 203.0.113.1");
    ASSERT_TRUE(runs_until(loop_, [&] { return change && (*monitor)->addresses().size() == 2; }));
    EXPECT_TRUE(change->ways_out);
    EXPECT_THAT((*monitor)->addresses(), ElementsAre(address("192.168.1.1"), address("203.0.113.56")));
}

TEST_F(NetworkTest, AnIpv6AddressCountsWhenItCanBeUsed) {
    const auto monitor = NetworkMonitor::open(loop_, "tun-own");
    ASSERT_TRUE(monitor);
    std::vector<std::size_t> counts;
    (*monitor)->on_change = [&](const NetworkMonitor::Change& change) {
        counts.push_back((*monitor)->addresses().size());
        EXPECT_EQ(change.addresses, counts.back() == 3);
    };
    // Tentative for a second or two, while RFC 4862 asks whether somebody else has it.
    shell("ip address add 2001:db8:1::10/64 dev wan");
    ASSERT_TRUE(runs_until(loop_, [&] { return !counts.empty() && counts.back() == 3; }));
    EXPECT_EQ(counts.front(), 2U);
}

TEST_F(NetworkTest, TheSourceInUseIsKeptWhileItsDeviceIsTheWay) {
    auto routes = Routes::open();
    ASSERT_TRUE(routes);
    const DeviceFilter all;
    const IpAddress peer = address("198.51.100.1");
    shell("ip address add 203.0.113.57/24 dev wan");
    const auto source = [&](const std::optional<IpAddress>& current) {
        const auto found = source_for(*routes, peer, {}, all, "tun-own", current);
        return found ? found->text() : found.error().text();
    };
    EXPECT_EQ(source(std::nullopt), "203.0.113.56");
    EXPECT_EQ(source(address("203.0.113.57")), "203.0.113.57");
    EXPECT_EQ(source(address("203.0.113.99")), "203.0.113.56");  // not ours
    EXPECT_EQ(source(address("2001:db8::1")), "203.0.113.56");
    shell("ip route replace default via 192.168.1.254");
    EXPECT_EQ(source(address("203.0.113.57")), "192.168.1.1");  // another uplink
}

TEST_F(NetworkTest, ALastingIpv6AddressIsPreferredToATemporaryOne) {
    auto routes = Routes::open();
    ASSERT_TRUE(routes);
    const auto monitor = NetworkMonitor::open(loop_, "tun-own");
    ASSERT_TRUE(monitor);
    shell(
        "sysctl -qw net.ipv6.conf.wan.use_tempaddr=2 && "
        "ip address add 2001:db8:1::10/64 dev wan mngtmpaddr nodad && "
        "ip -6 route add default via 2001:db8:1::1 dev wan");
    const IpAddress peer = address("2001:db8:9::1");
    ASSERT_TRUE(runs_until(loop_, [&] { return (*monitor)->addresses().size() == 4; }));
    ASSERT_NE(routes->lookup(peer)->source, address("2001:db8:1::10"));  // the system prefers privacy
    EXPECT_EQ(*source_for(*routes, peer, {}, DeviceFilter{}, "tun-own"), address("2001:db8:1::10"));
    // Already in use, it is used until it goes.
    const IpAddress temporary = routes->lookup(peer)->source;
    EXPECT_EQ(*source_for(*routes, peer, {}, DeviceFilter{}, "tun-own", temporary), temporary);
}

}  // namespace
}  // namespace causeway::host
