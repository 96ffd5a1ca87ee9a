#include "esp/policies.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <span>
#include <utility>
#include <vector>

#include "unit/esp/packets.hpp"

namespace causeway::esp {
namespace {

TrafficSelector net(const char* text, std::uint8_t protocol = 0, std::uint16_t port = 0) {
    return {*Ipv4Net::parse(text), protocol, port};
}

InnerPacket packet(const char* source, const char* destination, std::uint8_t protocol = 17,
                   std::uint16_t port = 0) {
    InnerPacket inner;
    inner.source = IpAddress::parse(source)->v4_number();
    inner.destination = IpAddress::parse(destination)->v4_number();
    inner.protocol = protocol;
    inner.ports_known = true;
    inner.destination_port = port;
    return inner;
}

sa::ReqId found(const Policies& policies, const InnerPacket& inner) {
    const Tunnel* tunnel = policies.find(inner);
    return tunnel == nullptr ? 0 : tunnel->reqid;
}

TEST(Policies, LongestPrefixThenNarrowestSelector) {
    const Tunnel tunnels[] = {
        {1, net("192.168.1.0/24"), net("0.0.0.0/0")},
        {2, net("192.168.1.0/24"), net("10.0.0.0/8")},
        {3, net("192.168.1.0/24"), net("10.1.0.0/16")},
        {4, net("192.168.1.128/25"), net("10.1.0.0/16")},
        {5, net("192.168.1.0/24", 6), net("10.1.0.0/16", 6, 443)},
        {6, net("192.168.1.0/24", 6), net("10.1.0.0/16", 6)},
    };
    Policies policies;
    policies.set(tunnels);
    EXPECT_EQ(found(policies, packet("192.168.1.5", "8.8.8.8")), 1U);
    EXPECT_EQ(found(policies, packet("192.168.1.5", "10.200.0.1")), 2U);
    EXPECT_EQ(found(policies, packet("192.168.1.5", "10.1.0.1")), 3U);
    EXPECT_EQ(found(policies, packet("192.168.1.200", "10.1.0.1")), 4U);
    EXPECT_EQ(found(policies, packet("192.168.1.5", "10.1.0.1", 6, 443)), 5U);
    EXPECT_EQ(found(policies, packet("192.168.1.5", "10.1.0.1", 6, 80)), 6U);
    EXPECT_EQ(found(policies, packet("192.168.2.5", "10.1.0.1")), 0U);
    policies.set({});
    EXPECT_EQ(found(policies, packet("192.168.1.5", "10.1.0.1")), 0U);
}

// A local network that does not fit under the longest remote prefix gives way to a shorter one.
TEST(Policies, ShorterPrefixWhenTheSourceDoesNotFit) {
    const Tunnel tunnels[] = {
        {1, net("192.168.1.0/24"), net("10.1.0.0/16")},
        {2, net("192.168.2.0/24"), net("10.0.0.0/8")},
    };
    Policies policies;
    policies.set(tunnels);
    EXPECT_EQ(found(policies, packet("192.168.2.5", "10.1.0.1")), 2U);
}

// At a hub a packet comes out of one spoke's tunnel and goes into the other's; a spoke's own network is a part
// of the remote one.
TEST(Policies, AHubPassesPacketsFromSpokeToSpoke) {
    const Tunnel of_hub[] = {
        {1, net("192.168.0.0/16"), net("192.168.1.0/24")},
        {2, net("192.168.0.0/16"), net("192.168.2.0/24")},
    };
    Policies hub;
    hub.set(of_hub);
    EXPECT_EQ(found(hub, packet("192.168.1.5", "192.168.2.5")), 2U);
    EXPECT_EQ(found(hub, packet("192.168.2.5", "192.168.1.5")), 1U);
    EXPECT_EQ(found(hub, packet("192.168.0.5", "192.168.1.5")), 1U);
    EXPECT_EQ(found(hub, packet("192.168.1.5", "192.168.3.5")), 0U);
    EXPECT_EQ(found(hub, packet("10.0.0.5", "192.168.1.5")), 0U);
    const Tunnel of_spoke[] = {{1, net("192.168.1.0/24"), net("192.168.0.0/16")}};
    Policies spoke;
    spoke.set(of_spoke);
    EXPECT_EQ(found(spoke, packet("192.168.1.5", "192.168.2.5")), 1U);
    EXPECT_EQ(found(spoke, packet("192.168.2.5", "192.168.0.5")), 0U);
}

std::vector<sa::ReqId> reqids(std::span<const Tunnel> tunnels) {
    std::vector<sa::ReqId> numbers;
    for (const Tunnel& tunnel : tunnels) {
        numbers.push_back(tunnel.reqid);
    }
    return numbers;
}

// Between the equal ones stand others with the same sizes of networks and numbers of ports.
TEST(Policies, EqualTunnelsAreAGroupInConfiguredOrder) {
    const Tunnel tunnels[] = {
        {7, net("192.168.1.0/24"), net("10.1.0.0/16")},
        {3, net("192.168.2.0/24"), net("10.1.0.0/16")},
        {5, net("192.168.1.0/24"), net("10.1.0.0/16")},
        {4, net("192.168.1.0/24"), net("10.2.0.0/16")},
        {6, net("192.168.1.0/24", 6), net("10.1.0.0/16", 6, 80)},
        {1, net("192.168.1.0/24"), net("10.1.0.0/16")},
        {2, net("192.168.1.0/24", 6), net("10.1.0.0/16", 6, 443)},
        {8, net("192.168.1.0/24", 6), net("10.1.0.0/16", 6, 80)},
    };
    Policies policies;
    policies.set(tunnels);
    const Tunnel* first = policies.find(packet("192.168.1.5", "10.1.0.1"));
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(reqids(policies.group(*first)), (std::vector<sa::ReqId>{7, 5, 1}));
    for (const sa::ReqId one : {7U, 5U, 1U}) {
        EXPECT_EQ(reqids(policies.group_of(one)), (std::vector<sa::ReqId>{7, 5, 1}));
    }
    EXPECT_EQ(reqids(policies.group_of(3)), (std::vector<sa::ReqId>{3}));
    EXPECT_EQ(reqids(policies.group_of(4)), (std::vector<sa::ReqId>{4}));
    EXPECT_EQ(reqids(policies.group_of(8)), (std::vector<sa::ReqId>{6, 8}));
    EXPECT_EQ(reqids(policies.group_of(2)), (std::vector<sa::ReqId>{2}));
    EXPECT_TRUE(policies.group_of(9).empty());
}

RC_GTEST_PROP(Policies, AgreesWithAScanOfAllTunnels, ()) {
    const auto prefixes = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint32_t>>>(
        rc::gen::pair(rc::gen::inRange<std::uint8_t>(0, 33), rc::gen::inRange<std::uint32_t>(0, 16)));
    std::vector<Tunnel> tunnels;
    for (const auto& [prefix, bits] : prefixes) {
        Ipv4Net remote{0x0a000000 | bits << 20 | bits, prefix};
        remote.network &= remote.mask();
        tunnels.push_back({static_cast<sa::ReqId>(tunnels.size() + 1), net("0.0.0.0/0"), {remote, 0, 0}});
    }
    Policies policies;
    policies.set(tunnels);
    InnerPacket inner;
    const std::uint32_t bits = *rc::gen::inRange<std::uint32_t>(0, 16);
    inner.destination = 0x0a000000 | bits << 20 | bits;
    const Tunnel* best = nullptr;
    for (const Tunnel& tunnel : tunnels) {
        if (tunnel.remote.net.contains(inner.destination) &&
            (best == nullptr || tunnel.remote.net.prefix > best->remote.net.prefix)) {
            best = &tunnel;
        }
    }
    RC_ASSERT(found(policies, inner) == (best == nullptr ? 0 : best->reqid));
}

}  // namespace
}  // namespace causeway::esp
