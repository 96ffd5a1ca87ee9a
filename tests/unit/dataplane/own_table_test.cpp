// The tunnels' own routing table, on a real kernel in a namespace of its own: which way a packet goes is asked of
// the kernel, not of the routes that we think we have placed.
#include "dataplane/closed/own_table.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dataplane/closed/networks.hpp"
#include "host/tun.hpp"
#include "unit/dataplane/namespaces.hpp"

namespace causeway::dataplane {
namespace {

using test::Namespace;
using test::output_of;
using test::shell;
using test::Within;

Ipv4Net net(const char* text) {
    return *Ipv4Net::parse(text);
}

IpAddress address(const char* text) {
    return *IpAddress::parse(text);
}

Policy policy(sa::ReqId reqid, const char* local, const char* remote) {
    Policy p;
    p.reqid = reqid;
    p.name = "net";
    p.local.net = net(local);
    p.remote.net = net(remote);
    return p;
}

const std::vector<Policy> full{policy(1, "192.168.1.0/24", "0.0.0.0/0")};
const std::vector<Policy> halves{policy(1, "192.168.1.0/24", "0.0.0.0/1"),
                                 policy(2, "192.168.1.0/24", "128.0.0.0/1")};

class OwnTableTest : public ::testing::Test {
 protected:
    void SetUp() override {
        if (const std::string why = test::no_namespaces(); !why.empty()) {
            GTEST_SKIP() << why;
        }
        ns_ = std::make_unique<Namespace>(Namespace::make());
        within_ = std::make_unique<Within>(*ns_);
        ASSERT_TRUE(
            shell("ip link add lan0 type veth peer name lan1 && ip addr add 192.168.1.1/24 dev lan0 && "
                  "ip link set lan0 up && ip link set lan1 up && "
                  "ip link add wan0 type veth peer name wan1 && ip addr add 203.0.113.56/24 dev wan0 && "
                  "ip link set wan0 up && ip link set wan1 up && sysctl -qw net.ipv4.ip_forward=1"));
        ASSERT_TRUE(shell("ip route add default via 203.0.113.1"));
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
        const auto done = networks_->apply(policies, reporter_);
        ASSERT_TRUE(done) << done.error().text();
    }
    /// What the kernel does for a killed program.
    void kill() {
        networks_.reset();
        tun_.reset();
    }
    /// "causeway0", "wan0", "lan0" or "unreachable"; of a packet of this machine, or of one that came from the LAN.
    static std::string way(const std::string& words) {
        const std::string answer = output_of("ip route get " + words + " 2>&1");
        const auto at = answer.find(" dev ");
        return at == std::string::npos ? "unreachable"
                                       : answer.substr(at + 5, answer.find(' ', at + 5) - at - 5);
    }
    static std::string from_lan(const std::string& to, const std::string& host = "192.168.1.10") {
        return way(to + " from " + host + " iif lan0");
    }
    static std::string marked(const std::string& to) { return way(to + " mark 0x02000000"); }
    static std::string rules() {
        return output_of("ip -4 rule show | grep -v 'lookup local\\|from all lookup'");
    }
    static std::string table() { return output_of("ip -4 route show table 197 2>/dev/null"); }
    static std::string main_table() { return output_of("ip -4 route show"); }
    static std::string guard() { return output_of("nft list table ip causeway 2>/dev/null"); }

    void expect_everything_in_the_tunnel() {
        EXPECT_EQ(from_lan("192.0.2.80"), "causeway0") << rules() << table();
        EXPECT_EQ(from_lan("8.8.8.8"), "causeway0");
        // This machine's own, with the LAN's address that the route gives them.
        EXPECT_EQ(way("192.0.2.80"), "causeway0");
        EXPECT_NE(output_of("ip route get 8.8.8.8").find("src 192.168.1.1"), std::string::npos);
        // What carries the tunnel, what is on a link, and what is in no tunnel's local network, does not.
        EXPECT_EQ(marked("198.51.100.112"), "wan0");
        EXPECT_EQ(from_lan("203.0.113.77"), "wan0");
        EXPECT_EQ(way("203.0.113.1"), "wan0");
        EXPECT_EQ(way("192.168.1.10"), "lan0");
        EXPECT_EQ(way("192.168.1.10 from 192.0.2.80 iif causeway0"), "lan0");
        EXPECT_EQ(way("192.0.2.80 from 203.0.113.56"), "wan0");
        EXPECT_EQ(from_lan("192.0.2.80", "192.168.9.9"), "wan0");
    }

    std::unique_ptr<Namespace> ns_;
    std::unique_ptr<Within> within_;
    std::unique_ptr<host::Tun> tun_;
    std::unique_ptr<Networks> networks_;
    std::vector<std::string> reports_;
    Networks::Reporter reporter_ = [this](const Event& event) { reports_.push_back(event.text()); };
};

TEST_F(OwnTableTest, EverythingGoesIntoTheTunnelWhateverTheDefaultRoutesMetric) {
    for (const auto* policies : {&full, &halves}) {
        for (const char* metric : {"metric 0", "metric 100", "metric 1024", "two"}) {
            SCOPED_TRACE(metric);
            ASSERT_TRUE(shell("ip route del default"));
            ASSERT_TRUE(
                std::string(metric) == "two"
                    ? shell("ip route add default via 203.0.113.1 metric 100 && ip route add default via "
                            "203.0.113.2 metric 1024")
                    : shell(fmt::format("ip route add default via 203.0.113.1 {}", metric)));
            const std::string before = main_table();
            open();
            apply(*policies);
            EXPECT_EQ(main_table(), before);
            expect_everything_in_the_tunnel();
            apply({});
            EXPECT_EQ(main_table(), before);
            EXPECT_EQ(rules(), "");
            EXPECT_EQ(table(), "");
            EXPECT_EQ(guard(), "");
            EXPECT_EQ(from_lan("192.0.2.80"), "wan0");
            kill();
            ASSERT_TRUE(
                shell("while ip route del default 2>/dev/null; do :; done; "
                      "ip route add default via 203.0.113.1"));
        }
    }
    EXPECT_TRUE(reports_.empty()) << reports_.front();
}

TEST_F(OwnTableTest, WithoutADefaultRouteTheRestIsTheSame) {
    ASSERT_TRUE(shell("ip route del default"));
    open();
    apply(full);
    EXPECT_EQ(from_lan("192.0.2.80"), "causeway0");
    EXPECT_EQ(marked("198.51.100.112"), "unreachable");
    ASSERT_TRUE(shell("ip route add default via 203.0.113.1"));
    networks_->refresh(reporter_);
    expect_everything_in_the_tunnel();
    EXPECT_TRUE(reports_.empty()) << reports_.front();
}

TEST_F(OwnTableTest, AKilledRunLeavesItClosedAndIsTakenOver) {
    open();
    networks_->keep_reachable({address("198.51.100.53")}, reporter_);
    networks_->set_peers({address("10.9.0.1")}, reporter_);
    apply({full[0], policy(2, "192.168.1.0/24", "10.9.0.0/16")});
    EXPECT_EQ(way("198.51.100.53"), "wan0") << rules();
    EXPECT_EQ(from_lan("198.51.100.53"), "causeway0");
    const std::string before = rules();
    kill();
    EXPECT_EQ(from_lan("192.0.2.80"), "unreachable");
    EXPECT_EQ(from_lan("10.9.0.1"), "unreachable");
    EXPECT_EQ(way("192.0.2.80"), "unreachable");
    EXPECT_EQ(way("198.51.100.53"), "wan0");
    EXPECT_EQ(marked("198.51.100.112"), "wan0");
    EXPECT_NE(guard(), "");
    // The next run knows it again, and takes away what is no longer configured.
    open();
    networks_->keep_reachable({address("198.51.100.53")}, reporter_);
    apply(full);
    expect_everything_in_the_tunnel();
    EXPECT_EQ(rules(), before);
    EXPECT_EQ(table().find("10.9."), std::string::npos) << table();
    kill();
    open();
    apply({policy(3, "192.168.1.0/24", "192.168.0.0/24")});
    EXPECT_EQ(rules(), "");
    EXPECT_EQ(table(), "");
    EXPECT_EQ(from_lan("192.0.2.80"), "wan0");
    EXPECT_EQ(from_lan("192.168.0.10"), "causeway0");
    EXPECT_TRUE(reports_.empty()) << reports_.front();
}

TEST_F(OwnTableTest, RulesOfOthersAreLeftAlone) {
    ASSERT_TRUE(shell("ip rule add from 10.0.0.0/8 lookup 197 priority 197"));
    open();
    apply(full);
    networks_->refresh(reporter_);
    apply({});
    EXPECT_NE(rules().find("from 10.0.0.0/8 lookup 197"), std::string::npos) << rules();
}

// systemd-networkd takes away rules that it has not made.
TEST_F(OwnTableTest, WhatSomebodyTookAwayComesBack) {
    open();
    networks_->keep_reachable({address("198.51.100.53")}, reporter_);
    apply(full);
    const std::string before = rules() + table();
    ASSERT_TRUE(
        shell("ip rule del priority 196; while ip rule del priority 197 2>/dev/null; do :; done; "
              "ip route flush table 197"));
    EXPECT_EQ(rules() + table(), "");
    networks_->refresh(reporter_);
    EXPECT_EQ(rules() + table(), before);
    networks_->refresh(reporter_);
    EXPECT_EQ(rules() + table(), before);
    EXPECT_TRUE(reports_.empty()) << reports_.front();
}

// A guest network that goes straight to the Internet, and a tunnel of another local network to everything.
TEST_F(OwnTableTest, TheSelectorsDecideWhoGoesWhere) {
    ASSERT_TRUE(
        shell("ip link add guest0 type veth peer name guest1 && ip addr add 192.168.2.1/24 dev guest0 && "
              "ip link set guest0 up && ip link set guest1 up"));
    open();
    networks_->set_peers({address("10.9.0.1")}, reporter_);
    apply({policy(1, "192.168.2.0/24", "0.0.0.0/0"), policy(2, "192.168.1.0/24", "10.9.0.0/16"),
           policy(3, "192.168.1.0/24", "10.20.0.0/16")});
    EXPECT_EQ(way("192.0.2.80 from 192.168.2.10 iif guest0"), "causeway0") << rules() << table();
    EXPECT_EQ(from_lan("192.0.2.80"), "wan0");
    EXPECT_EQ(from_lan("10.9.0.7"), "causeway0");
    EXPECT_EQ(from_lan("10.20.0.7"), "causeway0");
    EXPECT_EQ(way("192.168.1.10 from 192.168.2.10 iif guest0"), "lan0");
    EXPECT_EQ(from_lan("192.168.2.10"), "guest0");
    // The third is in the main table, with its own packet size: the large one does not hide it.
    networks_->set_inner_mtu(net("10.20.0.0/16"), 1300, reporter_);
    EXPECT_NE(output_of("ip route get 10.20.0.7 from 192.168.2.10 iif guest0").find("mtu 1300"),
              std::string::npos);
    EXPECT_TRUE(reports_.empty()) << reports_.front();
}

TEST_F(OwnTableTest, APeerInsideTheRemoteNetworkMovesItToTheOwnTable) {
    open();
    const std::vector<Policy> policies{policy(1, "192.168.1.0/24", "198.51.100.0/24")};
    apply(policies);
    EXPECT_NE(main_table().find("198.51.100.0/24 dev causeway0"), std::string::npos) << main_table();
    EXPECT_EQ(marked("198.51.100.112"), "causeway0");
    networks_->set_peers({address("198.51.100.112")}, reporter_);
    EXPECT_EQ(main_table().find("198.51.100"), std::string::npos) << main_table();
    EXPECT_EQ(marked("198.51.100.112"), "wan0") << rules();
    EXPECT_EQ(from_lan("198.51.100.112"), "causeway0");
    EXPECT_EQ(way("198.51.100.112"), "causeway0");
    EXPECT_EQ(way("198.51.100.7 from 203.0.113.56"), "wan0");
    const auto path = networks_->outer_path(address("198.51.100.112"), address("203.0.113.56"));
    ASSERT_TRUE(path);
    EXPECT_EQ(path->gateway->text(), "203.0.113.1");
    networks_->set_inner_mtu(net("198.51.100.0/24"), 1422, reporter_);
    EXPECT_NE(table().find("src 192.168.1.1 mtu 1422 advmss 1382"), std::string::npos) << table();
    // The peer is elsewhere: the network is one as all others.
    networks_->set_peers({address("192.0.2.9")}, reporter_);
    EXPECT_EQ(rules() + table(), "");
    EXPECT_NE(
        main_table().find("198.51.100.0/24 dev causeway0 proto 197 scope link src 192.168.1.1 mtu 1422"),
        std::string::npos)
        << main_table();
    EXPECT_TRUE(reports_.empty()) << reports_.front();
}

TEST_F(OwnTableTest, ACallerInsideTheRemoteNetworkCanBeAnswered) {
    open();
    apply({policy(1, "192.168.1.0/24", "198.51.100.0/24"), policy(2, "192.168.1.0/24", "10.0.0.0/8")});
    networks_->give_way(address("192.0.2.9"), reporter_);
    EXPECT_EQ(rules() + table(), "");
    networks_->give_way(address("198.51.100.9"), reporter_);
    EXPECT_EQ(marked("198.51.100.9"), "wan0") << rules();
    EXPECT_NE(main_table().find("10.0.0.0/8 dev causeway0"), std::string::npos) << main_table();
    apply({policy(2, "192.168.1.0/24", "10.0.0.0/8")});
    EXPECT_EQ(rules() + table(), "");
    EXPECT_EQ(main_table().find("198.51.100"), std::string::npos) << main_table();
}

// Two hosts on one link whose only addresses are the tunnel's networks.
TEST_F(OwnTableTest, HostToHost) {
    open();
    networks_->set_peers({address("203.0.113.99")}, reporter_);
    apply({policy(1, "203.0.113.56/32", "203.0.113.99/32")});
    EXPECT_EQ(way("203.0.113.99"), "causeway0") << rules() << table();
    EXPECT_EQ(way("203.0.113.99 from 203.0.113.56"), "causeway0");
    EXPECT_EQ(marked("203.0.113.99"), "wan0");
    EXPECT_EQ(way("203.0.113.98"), "wan0");
    EXPECT_NE(guard().find("203.0.113.99"), std::string::npos);
    kill();
    EXPECT_EQ(way("203.0.113.99"), "unreachable");
    EXPECT_EQ(marked("203.0.113.99"), "wan0");
    open();
    apply({});
    EXPECT_EQ(rules() + table() + guard(), "");
}

// The kernel asks for the way back of ESP without a mark.
TEST_F(OwnTableTest, StrictReversePathFilteringIsToldOnceWhereItHurts) {
    ASSERT_TRUE(shell("sysctl -qw net.ipv4.conf.wan0.rp_filter=1"));
    open();
    networks_->set_peers({address("203.0.113.99")}, reporter_);
    apply(full);  // our address there is none of the local network
    EXPECT_TRUE(reports_.empty()) << reports_.front();
    apply({policy(1, "203.0.113.56/32", "203.0.113.99/32")});
    networks_->refresh(reporter_);
    ASSERT_EQ(reports_.size(), 1U);
    EXPECT_NE(reports_[0].find("packets of the peer 203.0.113.99 do not arrive"), std::string::npos)
        << reports_[0];
    EXPECT_NE(reports_[0].find("net.ipv4.conf.wan0.rp_filter=2"), std::string::npos) << reports_[0];
}

// A peer that is the default gateway of ours is a host of the remote network like any other.
TEST_F(OwnTableTest, ThePeerIsTheGateway) {
    open();
    networks_->set_peers({address("203.0.113.1")}, reporter_);
    apply({policy(1, "192.168.1.0/24", "203.0.113.0/25")});
    EXPECT_EQ(marked("203.0.113.1"), "wan0") << rules() << table();
    EXPECT_EQ(from_lan("203.0.113.1"), "causeway0");
    EXPECT_EQ(way("192.0.2.80 from 203.0.113.56"), "wan0");
}

TEST_F(OwnTableTest, AFullTunnelLeavesTheLanItsBroadcastsAndSaysWhatIpv6Does) {
    ASSERT_TRUE(
        shell("ip -6 addr add 2001:db8::2/64 dev wan0 nodad && ip -6 route add default via 2001:db8::1"));
    open();
    apply(full);
    EXPECT_EQ(way("224.0.0.251"), "wan0");
    EXPECT_NE(guard().find("oifname \"lan0\" ip daddr 224.0.0.0/4 ip saddr 192.168.1.0/24 "),
              std::string::npos)
        << guard();
    EXPECT_NE(guard().find("oifname \"lan0\" ip daddr 255.255.255.255 "), std::string::npos) << guard();
    networks_->refresh(reporter_);
    ASSERT_EQ(reports_.size(), 1U);
    EXPECT_NE(reports_[0].find("default route of IPv6"), std::string::npos) << reports_[0];
    EXPECT_EQ(networks_->not_carried(net("0.0.0.0/0")), "");
}

}  // namespace
}  // namespace causeway::dataplane
