// The firewall's text against golden files; its effect is tested in tests/unit/dataplane/networks_test.cpp.
#include "firewall/guard.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "unit/firewall/golden.hpp"

namespace causeway::firewall {
namespace {

GuardedPair pair(const char* local, const char* remote) {
    return {*Ipv4Net::parse(local), *Ipv4Net::parse(remote)};
}

TEST(Guard, OneTunnel) {
    expect_golden("guard_one.nft", render_guard({.pairs = {pair("192.168.1.0/24", "192.168.0.0/24")}}));
}

// A spoke whose own networks lie inside the hub's: what stays among them is no traffic of the tunnel.
TEST(Guard, SpokeOfAHub) {
    expect_golden(
        "guard_spoke.nft",
        render_guard({.table = "branch",
                      .device = "tun-branch",
                      .pairs = {pair("10.2.0.0/16", "10.0.0.0/8"), pair("10.1.0.0/16", "10.0.0.0/8"),
                                pair("10.2.0.0/16", "10.0.0.0/8"), pair("10.1.0.0/16", "172.16.0.0/12")}}));
}

// A tunnel for everything closes the local network, not the gateway's own way to the Internet.
TEST(Guard, TunnelForEverything) {
    expect_golden("guard_everything.nft",
                  render_guard({.pairs = {pair("192.168.1.0/24", "0.0.0.0/0")},
                                .on_link = {{"wan", *Ipv4Net::parse("203.0.113.0/24")}},
                                .mark = 0x02000000}));
}

// A hub: a set for each length of prefix, and no line for each tunnel. An element that lies in another one is
// left out, for a set with intervals takes no such thing.
TEST(Guard, Hub) {
    Guard hub{.exempt_from_nat = true};
    for (const char* remote : {"192.168.1.0/24", "192.168.2.0/24", "192.168.3.0/24", "172.16.0.0/12"}) {
        hub.pairs.push_back(pair("192.168.0.0/16", remote));
    }
    hub.pairs.push_back(pair("192.168.0.0/24", "192.168.3.0/24"));
    hub.pairs.push_back(pair("10.0.0.0/24", "192.168.3.0/24"));
    expect_golden("guard_hub.nft", render_guard(hub));
}

TEST(Guard, AThousandTunnelsMakeNoMoreRulesThanTwo) {
    const auto rules = [](unsigned tunnels) {
        Guard guard;
        for (unsigned i = 0; i < tunnels; ++i) {
            guard.pairs.push_back({*Ipv4Net::parse("192.168.1.0/24"), {0x0a000000U + (i << 8U), 24}});
        }
        const std::string text = render_guard(guard);
        const std::string chains = text.substr(text.find("chain leaving"));
        return std::count(chains.begin(), chains.end(), '\n');
    };
    EXPECT_EQ(rules(1000), rules(2));
    EXPECT_GT(rules(2), 10);
}

// The peer inside its own network: what is between its address and ours is ESP and IKE, and no clear text.
TEST(Guard, PeerInsideTheRemoteNetwork) {
    expect_golden(
        "guard_peer_inside.nft",
        render_guard({.pairs = {pair("192.168.1.0/24", "192.168.0.0/24")},
                      .mark = 0x02000000,
                      .outer = {{*Ipv4Net::parse("192.168.0.1/32"), *Ipv4Net::parse("192.168.1.1/32")}}}));
}

// What the kernel will encrypt passes by the WAN's device in clear once, before it does; nothing else may.
TEST(Guard, TheKernelEncrypts) {
    expect_golden("guard_kernel.nft", render_guard({.pairs = {pair("192.168.1.0/24", "192.168.0.0/24")},
                                                    .mark = 0x02000000,
                                                    .kernel_encrypts = true}));
}

// What begins at a device of ours inside a remote network is never the tunnel's, unless it is another
// tunnel's whole remote network: of an address that may be in two places nothing leaves in clear.
TEST(Guard, WhatIsOnALinkInsideTheRemoteNetwork) {
    expect_golden(
        "guard_on_link.nft",
        render_guard({.pairs = {pair("192.168.1.0/24", "10.0.0.0/8"), pair("192.168.1.0/24", "10.0.7.0/24")},
                      .on_link = {{"wan", *Ipv4Net::parse("10.0.1.0/24")},
                                  {"guest", *Ipv4Net::parse("10.0.7.0/24")}}}));
}

TEST(Guard, OrderOfTheListDoesNotMatter) {
    const GuardedPair one = pair("192.168.1.0/24", "192.168.0.0/24");
    const GuardedPair two = pair("192.168.1.0/24", "10.0.0.0/8");
    EXPECT_EQ(render_guard({.pairs = {one, two}}), render_guard({.pairs = {two, one, two}}));
}

TEST(Guard, RemovalWorksWithAndWithoutATable) {
    EXPECT_EQ(render_guard_removal("causeway"), "add table ip causeway\ndelete table ip causeway\n");
}

}  // namespace
}  // namespace causeway::firewall
