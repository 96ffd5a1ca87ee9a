// The firewall's text against golden files; its effect is tested in tests/unit/dataplane/networks_test.cpp.
#include "firewall/guard.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

namespace causeway::firewall {
namespace {

std::string golden(const std::string& name) {
    std::ifstream file(std::string(CAUSEWAY_SOURCE_DIR) + "/tests/unit/firewall/golden/" + name);
    EXPECT_TRUE(file.good()) << name;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

GuardedPair pair(const char* local, const char* remote) {
    return {*Ipv4Net::parse(local), *Ipv4Net::parse(remote)};
}

TEST(Guard, OneTunnel) {
    EXPECT_EQ(render_guard({"causeway", "causeway0", {pair("192.168.1.0/24", "192.168.0.0/24")}, {}}),
              golden("guard_one.nft"));
}

// A spoke whose own networks lie inside the hub's: what stays among them is no traffic of the tunnel.
TEST(Guard, SpokeOfAHub) {
    EXPECT_EQ(render_guard({"branch",
                            "tun-branch",
                            {pair("10.2.0.0/16", "10.0.0.0/8"), pair("10.1.0.0/16", "10.0.0.0/8"),
                             pair("10.2.0.0/16", "10.0.0.0/8"), pair("10.1.0.0/16", "172.16.0.0/12")},
                            {}}),
              golden("guard_spoke.nft"));
}

// A tunnel for everything closes the local network, not the gateway's own way to the Internet.
TEST(Guard, TunnelForEverything) {
    const std::string text = render_guard({"t", "d", {pair("192.168.1.0/24", "0.0.0.0/0")}, {}});
    EXPECT_NE(text.find("ip saddr 192.168.1.0/24 ip daddr 0.0.0.0/0 ip daddr != 192.168.1.0/24 counter drop"),
              std::string::npos)
        << text;
    const std::string to_us = text.substr(text.find("chain to_us"));
    EXPECT_EQ(to_us.find("ip saddr 0.0.0.0/0 ip saddr"), std::string::npos) << to_us;
    EXPECT_NE(to_us.find("ip saddr 0.0.0.0/0 ip daddr 192.168.1.0/24"), std::string::npos) << to_us;
}

// What begins at a device of ours inside a remote network is never the tunnel's, unless it is another
// tunnel's whole remote network: of an address that may be in two places nothing leaves in clear.
TEST(Guard, WhatIsOnALinkInsideTheRemoteNetwork) {
    EXPECT_EQ(
        render_guard({"causeway",
                      "causeway0",
                      {pair("192.168.1.0/24", "10.0.0.0/8"), pair("192.168.1.0/24", "10.0.7.0/24")},
                      {{"wan", *Ipv4Net::parse("10.0.1.0/24")}, {"guest", *Ipv4Net::parse("10.0.7.0/24")}}}),
        golden("guard_on_link.nft"));
}

TEST(Guard, OrderOfTheListDoesNotMatter) {
    const GuardedPair one = pair("192.168.1.0/24", "192.168.0.0/24");
    const GuardedPair two = pair("192.168.1.0/24", "10.0.0.0/8");
    EXPECT_EQ(render_guard({"t", "d", {one, two}, {}}), render_guard({"t", "d", {two, one, two}, {}}));
}

TEST(Guard, RemovalWorksWithAndWithoutATable) {
    EXPECT_EQ(render_guard_removal("causeway"), "add table ip causeway\ndelete table ip causeway\n");
}

}  // namespace
}  // namespace causeway::firewall
