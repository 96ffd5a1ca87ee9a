// TUN, routes and guard on a real kernel, in a namespace of their own.
#include "dataplane/closed/networks.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/tun.hpp"
#include "unit/dataplane/namespaces.hpp"

namespace causeway::dataplane {
namespace {

using test::Namespace;
using test::output_of;
using test::shell;
using test::Within;

Policy policy(sa::ReqId reqid, const char* local, const char* remote) {
    Policy p;
    p.reqid = reqid;
    p.name = "net";
    p.local.net = *Ipv4Net::parse(local);
    p.remote.net = *Ipv4Net::parse(remote);
    return p;
}

class NetworksTest : public ::testing::Test {
 protected:
    void SetUp() override {
        if (const std::string why = test::no_namespaces(); !why.empty()) {
            GTEST_SKIP() << why;
        }
        ns_ = std::make_unique<Namespace>(Namespace::make());
        within_ = std::make_unique<Within>(*ns_);
        ASSERT_TRUE(shell(
            "ip link add lan0 type veth peer name lan1 && ip addr add 192.168.1.1/24 dev lan0 && "
            "ip link set lan0 up && ip link set lan1 up && "
            "ip link add wan0 mtu 1492 type veth peer name wan1 && ip addr add 203.0.113.56/24 dev wan0 && "
            "ip link set wan0 up && ip link set wan1 up && ip route add default via 203.0.113.1"));
    }
    void open() {
        auto tun = host::Tun::open({});
        ASSERT_TRUE(tun) << tun.error().text();
        tun_ = std::make_unique<host::Tun>(std::move(*tun));
        auto networks = Networks::open(tun_->index(), tun_->name(), "causeway");
        ASSERT_TRUE(networks) << networks.error().text();
        networks_ = std::make_unique<Networks>(std::move(*networks));
    }
    void apply(const std::vector<Policy>& policies) {
        const auto done =
            networks_->apply(policies, [this](const Event& event) { reports_.push_back(event.text()); });
        ASSERT_TRUE(done) << done.error().text();
    }
    static std::string routes() { return output_of("ip -4 route show"); }
    static std::string table() { return output_of("nft list table ip causeway 2>/dev/null"); }

    std::unique_ptr<Namespace> ns_;
    std::unique_ptr<Within> within_;
    std::unique_ptr<host::Tun> tun_;
    std::unique_ptr<Networks> networks_;
    std::vector<std::string> reports_;
};

TEST_F(NetworksTest, TheDeviceIsUpWithItsSizes) {
    open();
    const std::string link = output_of("ip link show causeway0");
    EXPECT_NE(link.find("UP"), std::string::npos) << link;
    EXPECT_NE(link.find("mtu 1500"), std::string::npos) << link;
    EXPECT_NE(link.find("qlen 2000"), std::string::npos) << link;
    EXPECT_EQ(tun_->index(), std::stoul(link));
    const auto second = host::Tun::open({});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::exists);
    EXPECT_NE(second.error().text().find("another"), std::string::npos) << second.error().text();
    EXPECT_FALSE(host::Tun::open({"a-name-far-too-long-for-a-device"}));
    tun_.reset();
    EXPECT_EQ(output_of("ip link show causeway0 2>/dev/null"), "");
}

TEST_F(NetworksTest, RoutesAndGuardFollowTheList) {
    open();
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24")});
    EXPECT_NE(routes().find(
                  "192.168.0.0/24 dev causeway0 proto 197 scope link src 192.168.1.1 mtu 1400 advmss 1360"),
              std::string::npos)
        << routes();
    EXPECT_NE(routes().find("unreachable 192.168.0.0/24 proto 197 metric 4294967295"), std::string::npos)
        << routes();
    EXPECT_NE(table().find("ip saddr 192.168.1.0/24 ip daddr 192.168.0.0/24"), std::string::npos) << table();

    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24"), policy(2, "192.168.1.0/24", "10.0.0.0/8")});
    EXPECT_NE(routes().find("10.0.0.0/8 dev causeway0"), std::string::npos);
    apply({policy(2, "192.168.1.0/24", "10.0.0.0/8")});
    EXPECT_EQ(routes().find("192.168.0.0/24"), std::string::npos) << routes();
    EXPECT_NE(routes().find("unreachable 10.0.0.0/8"), std::string::npos);
    EXPECT_EQ(table().find("192.168.0.0/24"), std::string::npos) << table();

    apply({});
    EXPECT_EQ(routes().find("causeway0"), std::string::npos) << routes();
    EXPECT_EQ(routes().find("unreachable"), std::string::npos) << routes();
    EXPECT_EQ(table(), "");
    EXPECT_TRUE(reports_.empty()) << reports_.front();
}

TEST_F(NetworksTest, SaysWhetherPacketsForARemoteNetworkReachTheTunnel) {
    using Kind = RouteState::Kind;
    open();
    const Ipv4Net remote = *Ipv4Net::parse("192.168.0.0/24");
    const auto state = [&] { return networks_->route_states()[remote]; };
    EXPECT_EQ(state().kind, Kind::absent);
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24"), policy(2, "192.168.1.0/24", "10.0.0.0/8")});
    EXPECT_EQ(state(), (RouteState{Kind::placed, ""}));
    ASSERT_TRUE(shell("ip route add 192.168.0.128/25 via 203.0.113.1"));
    EXPECT_EQ(state(), (RouteState{Kind::shadowed, "the route 192.168.0.128/25 dev wan0"}));
    EXPECT_EQ(networks_->route_states()[*Ipv4Net::parse("10.0.0.0/8")].kind, Kind::placed);
    ASSERT_TRUE(
        shell("ip route del 192.168.0.128/25 && ip route add 192.168.0.0/24 via 203.0.113.1 metric 9"));
    EXPECT_EQ(state(), (RouteState{Kind::placed, ""}));
    // A table that is asked before the main one.
    ASSERT_TRUE(shell("ip route add default via 203.0.113.1 table 7 && ip rule add priority 99 lookup 7"));
    EXPECT_EQ(state(), (RouteState{Kind::shadowed, "a routing rule that leads to device wan0"}));
    ASSERT_TRUE(shell("ip rule del priority 99"));
    EXPECT_EQ(state(), (RouteState{Kind::placed, ""}));
    // Before the main table there is the local one.
    ASSERT_TRUE(shell("ip route add local 192.168.0.0/16 dev lo"));
    EXPECT_EQ(state(), (RouteState{Kind::shadowed, "a routing rule that leads to device lo"}));
    ASSERT_TRUE(
        shell("ip route del local 192.168.0.0/16 dev lo && ip route del 192.168.0.0/24 dev causeway0"));
    EXPECT_EQ(state(), (RouteState{Kind::shadowed, "the route 192.168.0.0/24 dev wan0 metric 9"}));
    ASSERT_TRUE(shell("ip route del 192.168.0.0/24 via 203.0.113.1"));
    EXPECT_EQ(state(), (RouteState{Kind::absent, ""}));
}

TEST_F(NetworksTest, SaysTheSameOfATunnelForEverything) {
    using Kind = RouteState::Kind;
    open();
    const Ipv4Net remote = *Ipv4Net::parse("0.0.0.0/0");
    apply({policy(1, "192.168.1.0/24", "0.0.0.0/0")});
    // The main table's narrower routes are not asked.
    ASSERT_TRUE(shell("ip route add 198.51.100.0/24 via 203.0.113.1"));
    EXPECT_EQ(networks_->route_states()[remote], (RouteState{Kind::placed, ""}));
    ASSERT_TRUE(shell("ip route add default via 203.0.113.1 table 7 && ip rule add priority 99 lookup 7"));
    EXPECT_EQ(networks_->route_states()[remote].kind, Kind::shadowed);
    ASSERT_TRUE(shell("ip rule del priority 99 && ip route flush table 197"));
    EXPECT_EQ(networks_->route_states()[remote].kind, Kind::absent);
}

TEST_F(NetworksTest, WhatIsOnALinkElsewhereIsShadowedAndSaidByItself) {
    open();
    apply({policy(1, "192.168.1.0/24", "203.0.0.0/16"), policy(2, "192.168.1.0/24", "192.168.0.0/16")});
    const auto states = networks_->route_states();
    EXPECT_EQ(states.at(*Ipv4Net::parse("203.0.0.0/16")), (RouteState{RouteState::Kind::shadowed, ""}));
    // The tunnel's own end is no obstacle.
    EXPECT_EQ(states.at(*Ipv4Net::parse("192.168.0.0/16")), (RouteState{RouteState::Kind::placed, ""}));
}

TEST_F(NetworksTest, AGuardThatSomebodyTakesAwayIsPlacedAgain) {
    open();
    const auto report = [this](const Event& event) { reports_.push_back(event.text()); };
    networks_->restore_guard(report);  // there is none yet
    EXPECT_EQ(table(), "");
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24")});
    const std::string placed = table();
    ASSERT_TRUE(shell("nft flush ruleset"));
    ASSERT_EQ(table(), "");
    networks_->restore_guard(report);
    EXPECT_EQ(table(), placed);
    ASSERT_EQ(reports_.size(), 1U);
    EXPECT_NE(reports_.front().find("nftables table ip causeway"), std::string::npos) << reports_.front();
    apply({});
    networks_->restore_guard(report);
    EXPECT_EQ(table(), "");
    EXPECT_EQ(reports_.size(), 1U);
}

TEST_F(NetworksTest, SourcesAreKeptAsSoonAsSomebodyChangesThem) {
    open();
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24")});
    const std::string before = table();
    ASSERT_TRUE(
        shell("nft 'table ip nat { chain c { type nat hook postrouting priority 100; masquerade; }; }'"));
    networks_->fit_guard([this](const Event& event) { reports_.push_back(event.text()); });
    EXPECT_EQ(before.find("type nat"), std::string::npos) << before;
    EXPECT_NE(table().find("type nat"), std::string::npos) << table();
    EXPECT_TRUE(reports_.empty()) << reports_.front();
}

// Another policy's route is not even replaced by the same one: counted by the kernel's route notifications.
TEST_F(NetworksTest, OthersAreNotTouchedByAChange) {
    open();
    const Policy kept = policy(1, "192.168.1.0/24", "192.168.0.0/24");
    apply({kept});
    ASSERT_TRUE(
        shell("ip monitor route > /tmp/causeway-monitor.$PPID & echo $! > /tmp/causeway-monitor.$PPID.pid"));
    const std::string file = fmt::format("/tmp/causeway-monitor.{}", getpid());
    // The monitor has subscribed when it reports a route of ours.
    for (int i = 0; i < 200 && output_of("cat " + file).find("198.18.0.0/15") == std::string::npos; ++i) {
        ASSERT_TRUE(shell("ip route add 198.18.0.0/15 dev lan0 && ip route del 198.18.0.0/15"));
    }
    apply({kept, policy(2, "192.168.1.0/24", "10.0.0.0/8")});
    apply({kept});
    ASSERT_TRUE(shell("ip route add 198.19.0.0/24 dev lan0"));
    std::string seen;
    for (int i = 0; i < 1000 && seen.find("198.19.0.0/24") == std::string::npos; ++i) {
        seen = output_of("cat " + file);
    }
    ASSERT_TRUE(shell("kill $(cat " + file + ".pid); rm -f " + file + " " + file + ".pid"));
    EXPECT_NE(seen.find("198.19.0.0/24"), std::string::npos);
    EXPECT_NE(seen.find("10.0.0.0/8"), std::string::npos);
    EXPECT_EQ(seen.find("192.168.0.0/24"), std::string::npos) << seen;
}

TEST_F(NetworksTest, AKilledRunIsTakenOver) {
    open();
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24"), policy(2, "192.168.1.0/24", "10.0.0.0/8")});
    networks_.reset();
    tun_.reset();  // what the kernel does for a killed program
    EXPECT_EQ(routes().find("causeway0"), std::string::npos);
    EXPECT_NE(routes().find("unreachable 192.168.0.0/24"), std::string::npos);
    EXPECT_NE(routes().find("unreachable 10.0.0.0/8"), std::string::npos);
    EXPECT_NE(table().find("10.0.0.0/8"), std::string::npos);
    // A route of somebody else's is none of ours, whatever its metric.
    ASSERT_TRUE(shell("ip route add unreachable 172.16.0.0/12 metric 4294967295"));
    open();
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24")});
    EXPECT_NE(routes().find("192.168.0.0/24 dev causeway0"), std::string::npos);
    EXPECT_EQ(routes().find("10.0.0.0/8"), std::string::npos) << routes();
    EXPECT_EQ(table().find("10.0.0.0/8"), std::string::npos);
    EXPECT_NE(routes().find("unreachable 172.16.0.0/12"), std::string::npos);
    apply({});
    EXPECT_EQ(table(), "");
    EXPECT_TRUE(reports_.empty()) << reports_.front();
}

TEST_F(NetworksTest, SomebodyElsesRouteIsLeftAlone) {
    ASSERT_TRUE(shell("ip route add 192.168.0.0/24 via 203.0.113.9"));
    open();
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24")});
    EXPECT_NE(routes().find("192.168.0.0/24 via 203.0.113.9 dev wan0"), std::string::npos) << routes();
    EXPECT_EQ(routes().find("192.168.0.0/24 dev causeway0"), std::string::npos) << routes();
    ASSERT_EQ(reports_.size(), 1U);
    EXPECT_NE(reports_[0].find("192.168.0.0/24 dev wan0"), std::string::npos) << reports_[0];
}

// NetworkManager and netifd give the routes of links a metric: ours would hide the whole link.
TEST_F(NetworksTest, ALinkWithTheRemoteNetworksAddressesStaysReachable) {
    for (const char* metric : {"0", "100"}) {
        ASSERT_TRUE(
            shell(fmt::format("ip addr flush dev wan0 && ip addr add 192.168.0.5/24 dev wan0 metric {} && "
                              "ip route add default via 192.168.0.1",
                              metric)));
        open();
        apply({policy(1, "192.168.1.0/24", "192.168.0.0/24")});
        EXPECT_EQ(routes().find("192.168.0.0/24 dev causeway0"), std::string::npos) << routes();
        EXPECT_NE(output_of("ip route get 192.168.0.1").find("dev wan0"), std::string::npos) << routes();
        ASSERT_EQ(reports_.size(), 1U);
        EXPECT_NE(reports_[0].find("of 192.168.0.0/24 this is directly connected here: all of it (wan0)"),
                  std::string::npos)
            << reports_[0];
        EXPECT_EQ(reports_[0].find("remove"), std::string::npos) << reports_[0];
        EXPECT_EQ(networks_->not_carried(*Ipv4Net::parse("192.168.0.0/24")), reports_[0]);
        // Addresses that may be in two places: between the pair nothing leaves in clear, the gateway is open.
        EXPECT_NE(table().find("ip saddr 192.168.1.0/24 ip daddr 192.168.0.0/24 goto in_clear"),
                  std::string::npos);
        EXPECT_NE(table().find("oifname \"wan0\" ip daddr 192.168.0.1 ip saddr 192.168.1.0/24 ip daddr "
                               "192.168.0.0/24 accept"),
                  std::string::npos)
            << table();
        apply({});
        reports_.clear();
        networks_.reset();
        tun_.reset();
    }
}

TEST_F(NetworksTest, ALinkThatComesLaterIsNotHidden) {
    open();
    const auto reporter = [this](const Event& event) { reports_.push_back(event.text()); };
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24")});
    EXPECT_NE(routes().find("192.168.0.0/24 dev causeway0"), std::string::npos) << routes();
    ASSERT_TRUE(shell("ip addr add 192.168.0.5/24 dev wan0"));
    networks_->refresh(reporter);
    EXPECT_NE(output_of("ip route get 192.168.0.1").find("dev wan0"), std::string::npos) << routes();
    ASSERT_EQ(reports_.size(), 1U);
    ASSERT_TRUE(shell("ip addr del 192.168.0.5/24 dev wan0"));
    networks_->refresh(reporter);
    EXPECT_NE(routes().find("192.168.0.0/24 dev causeway0"), std::string::npos) << routes();
    EXPECT_EQ(networks_->not_carried(*Ipv4Net::parse("192.168.0.0/24")), "");
    EXPECT_EQ(reports_.size(), 1U);
}

TEST_F(NetworksTest, LinksInsideTheRemoteNetworkAreNotTheTunnels) {
    ASSERT_TRUE(shell(
        "ip addr flush dev wan0 && ip addr add 10.0.1.2/24 dev wan0 && ip route add default via 10.0.1.1"));
    open();
    apply({policy(1, "192.168.1.0/24", "10.0.0.0/8")});
    EXPECT_NE(routes().find("10.0.0.0/8 dev causeway0"), std::string::npos) << routes();
    EXPECT_NE(table().find(
                  "oifname \"wan0\" ip daddr 10.0.1.0/24 ip saddr 192.168.1.0/24 ip daddr 10.0.0.0/8 accept"),
              std::string::npos)
        << table();
    ASSERT_EQ(reports_.size(), 1U);
    EXPECT_NE(reports_[0].find("10.0.1.0/24 (wan0)"), std::string::npos) << reports_[0];
    // Another lease: the guard and the status follow, and what was is said no more.
    ASSERT_TRUE(shell(
        "ip addr flush dev wan0 && ip addr add 10.9.0.2/16 dev wan0 && ip route add default via 10.9.0.1"));
    const auto reporter = [this](const Event& event) { reports_.push_back(event.text()); };
    networks_->refresh(reporter);
    networks_->refresh(reporter);
    EXPECT_EQ(table().find("10.0.1.0/24"), std::string::npos) << table();
    EXPECT_NE(table().find("oifname \"wan0\" ip daddr 10.9.0.0/16"), std::string::npos) << table();
    ASSERT_EQ(reports_.size(), 2U);
    ASSERT_TRUE(shell("ip addr flush dev wan0 && ip addr add 203.0.113.56/24 dev wan0"));
    networks_->refresh(reporter);
    EXPECT_EQ(networks_->not_carried(*Ipv4Net::parse("10.0.0.0/8")), "");
    EXPECT_EQ(table().find("wan0"), std::string::npos) << table();
}

TEST_F(NetworksTest, AHubAndASpokeKeepTheirOwnLan) {
    open();
    apply({policy(1, "192.168.0.0/16", "192.168.2.0/24"), policy(2, "192.168.0.0/16", "192.168.3.0/24")});
    for (const char* spoke : {"192.168.2.0/24", "192.168.3.0/24"}) {
        EXPECT_NE(routes().find(fmt::format("{} dev causeway0", spoke)), std::string::npos) << routes();
    }
    EXPECT_NE(output_of("ip route get 192.168.2.5").find("src 192.168.1.1"), std::string::npos);
    EXPECT_NE(output_of("ip route get 192.168.1.5").find("dev lan0"), std::string::npos) << routes();
    // Now as one of its spokes: our LAN is a part of the remote network, and no matter of the tunnel's.
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/16")});
    EXPECT_NE(routes().find("192.168.0.0/16 dev causeway0"), std::string::npos) << routes();
    EXPECT_NE(output_of("ip route get 192.168.1.5").find("dev lan0"), std::string::npos) << routes();
    EXPECT_NE(table().find("elements = { 192.168.1.0/24 }"), std::string::npos) << table();
    EXPECT_NE(table().find("ip daddr @ours_16 ip saddr 192.168.1.0/24 ip daddr 192.168.0.0/16 accept"),
              std::string::npos)
        << table();
    EXPECT_EQ(networks_->not_carried(*Ipv4Net::parse("192.168.0.0/16")), "");
    EXPECT_TRUE(reports_.empty()) << reports_.front();
}

TEST_F(NetworksTest, RoutesInsideATunnelsOwnEndMayTakeASpokeAway) {
    open();
    apply({policy(1, "192.168.0.0/16", "192.168.2.0/24")});
    const auto kind = [&] { return networks_->route_states()[*Ipv4Net::parse("192.168.2.0/24")].kind; };
    EXPECT_EQ(kind(), RouteState::Kind::placed);
    ASSERT_TRUE(shell(
        "ip route add 192.168.2.0/25 via 203.0.113.1 && ip route add 192.168.2.128/25 via 203.0.113.1"));
    EXPECT_EQ(kind(), RouteState::Kind::shadowed);
}

// Whoever answers DHCP may send routes (RFC 3442): they take nothing out of the tunnel's guard.
TEST_F(NetworksTest, ARouteWithoutAnAddressOpensNothing) {
    ASSERT_TRUE(
        shell("ip route add 10.5.0.0/16 dev wan0 scope link && ip route add 10.6.0.0/16 via 203.0.113.1"));
    open();
    apply({policy(1, "192.168.1.0/24", "10.0.0.0/8")});
    EXPECT_EQ(table().find("wan0"), std::string::npos) << table();
}

TEST_F(NetworksTest, NameServersGatewaysAndPeersInsideStayReachable) {
    // The provider's network is larger than the tunnel's, and contains it.
    ASSERT_TRUE(shell(
        "ip addr flush dev wan0 && ip addr add 10.0.0.2/8 dev wan0 && ip route add default via 10.0.0.1"));
    const auto way = [](const char* to) { return output_of(fmt::format("ip route get {}", to)); };
    open();
    networks_->keep_reachable({*IpAddress::parse("10.0.0.53"), *IpAddress::parse("172.16.9.53"),
                               *IpAddress::parse("192.168.1.1"), *IpAddress::parse("127.0.0.1")},
                              [](const Event&) {});
    const std::vector<Policy> list{policy(1, "192.168.1.0/24", "10.0.0.0/24"),
                                   policy(2, "192.168.1.0/24", "172.16.0.0/12")};
    apply(list);
    for (int run = 0; run < 2; ++run) {
        EXPECT_NE(way("10.0.0.1").find("dev wan0 src 10.0.0.2"), std::string::npos) << routes();
        EXPECT_NE(way("10.0.0.53").find("dev wan0 src 10.0.0.2"), std::string::npos) << routes();
        EXPECT_NE(way("172.16.9.53").find("via 10.0.0.1 dev wan0"), std::string::npos) << routes();
        EXPECT_NE(way("10.0.0.7").find("dev causeway0"), std::string::npos) << routes();
        // For the tunnel's own network they are as closed as the rest.
        EXPECT_EQ(table().find("172.16.9.53"), std::string::npos) << table();
        // The gateway changes: the routes follow.
        ASSERT_TRUE(shell("ip route replace default via 10.0.0.1 metric 5"));
        networks_->refresh([](const Event&) {});
    }
    networks_.reset();
    tun_.reset();  // killed: they stay, and the next one takes over or away
    EXPECT_NE(way("10.0.0.1").find("dev wan0"), std::string::npos) << routes();
    open();
    apply(list);
    EXPECT_NE(way("10.0.0.1").find("dev wan0"), std::string::npos) << routes();
    EXPECT_EQ(routes().find("172.16.9.53"), std::string::npos) << routes();
    apply({});
    EXPECT_EQ(routes().find("proto 197"), std::string::npos) << routes();
}

TEST_F(NetworksTest, AnAddressThatComesBackBringsTheRouteBack) {
    open();
    const auto reporter = [](const Event&) {};
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24")});
    ASSERT_TRUE(shell("ip addr del 192.168.1.1/24 dev lan0"));  // takes routes with this source along
    EXPECT_EQ(routes().find("192.168.0.0/24 dev causeway0"), std::string::npos) << routes();
    networks_->refresh(reporter);
    EXPECT_NE(routes().find("192.168.0.0/24 dev causeway0"), std::string::npos) << routes();
    EXPECT_EQ(routes().find("src 192.168.1"), std::string::npos) << routes();
    ASSERT_TRUE(shell("ip addr add 192.168.1.254/24 dev lan0"));
    networks_->refresh(reporter);
    EXPECT_NE(routes().find("192.168.0.0/24 dev causeway0 proto 197 scope link src 192.168.1.254"),
              std::string::npos)
        << routes();
}

TEST_F(NetworksTest, TheRouteCarriesTheInnerMtu) {
    open();
    apply({policy(1, "192.168.1.0/24", "192.168.0.0/24")});
    networks_->set_inner_mtu(*Ipv4Net::parse("192.168.0.0/24"), 1422, [](const Event&) {});
    EXPECT_NE(routes().find("mtu 1422 advmss 1382"), std::string::npos) << routes();
    const auto path = networks_->outer_path(*IpAddress::parse("198.51.100.112"), std::nullopt);
    ASSERT_TRUE(path) << path.error().text();
    EXPECT_EQ(path->mtu, 1492U);
    EXPECT_EQ(path->source.text(), "203.0.113.56");
    EXPECT_EQ(path->gateway->text(), "203.0.113.1");
    ASSERT_TRUE(shell("ip route add unreachable 198.51.100.0/24"));
    EXPECT_FALSE(networks_->outer_path(*IpAddress::parse("198.51.100.112"), std::nullopt));
}

}  // namespace
}  // namespace causeway::dataplane
