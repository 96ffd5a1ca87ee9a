#include "negotiation/networks.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "unit/negotiation/peers.hpp"

namespace causeway::negotiation {
namespace {

using isakmp::Identification;
using isakmp::IdType;

TEST(Networks, AnIdPayloadNamesANetworkOrNone) {
    const struct {
        std::string what;
        Identification id;
        std::string named;  // empty: none
    } rows[] = {
        {"an address", {IdType::ipv4_addr, 0, 0, {192, 0, 2, 1}}, "192.0.2.1/32"},
        {"a subnet", {IdType::ipv4_addr_subnet, 0, 0, {10, 1, 0, 0, 255, 255, 0, 0}}, "10.1.0.0/16"},
        {"host bits", {IdType::ipv4_addr_subnet, 0, 0, {10, 1, 2, 3, 255, 255, 0, 0}}, "10.1.0.0/16"},
        {"everything", {IdType::ipv4_addr_subnet, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0}}, "0.0.0.0/0"},
        {"protocol and port", {IdType::ipv4_addr, 6, 80, {192, 0, 2, 1}}, "192.0.2.1/32"},
        {"a range that is a network",
         {IdType::ipv4_addr_range, 0, 0, {10, 1, 0, 0, 10, 1, 255, 255}},
         "10.1.0.0/16"},
        {"another range", {IdType::ipv4_addr_range, 0, 0, {10, 1, 0, 1, 10, 1, 255, 255}}, ""},
        {"a range the wrong way round", {IdType::ipv4_addr_range, 0, 0, {10, 1, 255, 255, 10, 1, 0, 0}}, ""},
        {"a mask with holes", {IdType::ipv4_addr_subnet, 0, 0, {10, 1, 0, 0, 255, 0, 255, 0}}, ""},
        {"a short address", {IdType::ipv4_addr, 0, 0, {192, 0, 2}}, ""},
        {"a short subnet", {IdType::ipv4_addr_subnet, 0, 0, {10, 1, 0, 0}}, ""},
        {"a name", {IdType::fqdn, 0, 0, {'a', '.', 'b'}}, ""},
        {"IPv6", {IdType::ipv6_addr, 0, 0, Bytes(16)}, ""},
    };
    for (const auto& row : rows) {
        const auto named = selector_of(row.id);
        ASSERT_EQ(named.has_value(), !row.named.empty()) << row.what;
        if (named) {
            EXPECT_EQ(named->net, net(row.named).net) << row.what;
            EXPECT_EQ(named->protocol, row.id.protocol) << row.what;
            EXPECT_EQ(named->port, row.id.port) << row.what;
        }
    }
}

TEST(Networks, ANetworkIsSentAsASubnetWithItsMask) {
    const auto host = id_of(net("192.0.2.1"));
    EXPECT_EQ(host.type, IdType::ipv4_addr_subnet);
    EXPECT_EQ(host.data, (Bytes{192, 0, 2, 1, 255, 255, 255, 255}));
    for (const auto* text : {"0.0.0.0/0", "10.0.0.0/8", "192.168.178.0/24", "192.0.2.1"}) {
        EXPECT_EQ(selector_of(id_of(net(text))), net(text)) << text;
    }
}

TEST(Networks, WithoutIdPayloadTheHostItselfIsMeant) {
    EXPECT_EQ(selector_or_host({}, at("192.0.2.1")).value(), net("192.0.2.1"));
    EXPECT_EQ(selector_or_host({}, at("2001:db8::1")).error().what, "no ID payloads between IPv6 hosts");
    const auto body = isakmp::encode(id_of(net("10.1.0.0/16")));
    EXPECT_EQ(selector_or_host(body, at("192.0.2.1")).value(), net("10.1.0.0/16"));
    const auto name = isakmp::encode(Identification{IdType::fqdn, 0, 0, {'a', '.', 'b'}});
    const auto refused = selector_or_host(name, at("192.0.2.1"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unsupported);
    EXPECT_NE(refused.error().what.find("is not an IPv4 network"), std::string::npos) << refused.error().what;
    EXPECT_FALSE(selector_or_host(Bytes{1, 0}, at("192.0.2.1")));  // too short for an ID payload
}

config::Tunnel tunnel_of(std::string_view local, std::string_view remote, std::uint32_t where) {
    config::Tunnel tunnel;
    tunnel.display_name = "eltern-" + std::to_string(where);
    tunnel.local = net(local);
    tunnel.remote = net(remote);
    tunnel.place = line(where);
    return tunnel;
}

config::Peer two_tunnels() {
    auto peer = peer_of({});
    peer.tunnels.push_back(tunnel_of("192.168.1.0/24", "192.168.2.0/24", 10));
    peer.tunnels.push_back(tunnel_of("192.168.1.0/24", "10.2.0.0/16", 20));
    return peer;
}

TEST(Networks, ATunnelIsChosenByExactlyItsTwoNetworks) {
    const auto peer = two_tunnels();
    const struct {
        std::string local;
        std::string remote;
        std::optional<std::size_t> chosen;
    } rows[] = {
        {"192.168.1.0/24", "192.168.2.0/24", 0},
        {"192.168.1.0/24", "10.2.0.0/16", 1},
        {"192.168.2.0/24", "192.168.1.0/24", std::nullopt},  // the wrong way round
        {"192.168.1.0/24", "10.2.0.0/17", std::nullopt},     // narrower
        {"192.168.0.0/16", "192.168.2.0/24", std::nullopt},  // wider
        {"192.168.1.0/24", "0.0.0.0/0", std::nullopt},
    };
    for (const auto& row : rows) {
        const auto chosen = choose_tunnel(peer, net(row.local), net(row.remote));
        ASSERT_EQ(chosen.has_value(), row.chosen.has_value()) << row.local << " === " << row.remote;
        if (chosen) {
            EXPECT_EQ(*chosen, &peer.tunnels[*row.chosen]);
        }
    }
    auto of_tcp = net("192.168.1.0/24");
    of_tcp.protocol = 6;
    EXPECT_FALSE(choose_tunnel(peer, of_tcp, net("192.168.2.0/24")));
}

TEST(Networks, TheReasonNamesWhatCameAndAllThatIsConfigured) {
    const auto peer = two_tunnels();
    const auto refused =
        choose_tunnel(peer, net("10.0.0.0/8"), fail(Errc::unsupported, "ID_FQDN is no network"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::networks);
    EXPECT_EQ(refused.error().phase, Phase::phase2);
    EXPECT_EQ(refused.error().offered, net("10.0.0.0/8").text() + " === ID_FQDN is no network");
    EXPECT_EQ(refused.error().accepted, "192.168.1.0/24 === 192.168.2.0/24, 192.168.1.0/24 === 10.2.0.0/16");
    EXPECT_EQ(refused.error().subject, "eltern");
    EXPECT_EQ(refused.error().place, line(10));
    EXPECT_EQ(refused.error().text(),
              "the peer asks for " + refused.error().offered + ", and we have " + refused.error().accepted);
    EXPECT_EQ(refused.error().likeness, Likeness::none);
    const auto nothing = choose_tunnel(peer_of({}), net("10.0.0.0/8"), net("10.0.0.0/8"));
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().accepted, "");
}

TEST(Networks, AnAnswerHasTheNetworksThatWereProposed) {
    const auto tunnel = tunnel_of("192.168.1.0/24", "192.168.2.0/24", 10);
    EXPECT_TRUE(check_networks(tunnel, net("192.168.1.0/24"), net("192.168.2.0/24")));
    EXPECT_FALSE(check_networks(tunnel, net("192.168.1.0/24"), net("192.168.2.0/25")));
    const auto refused = check_networks(tunnel, net("192.168.1.0/25"), net("192.168.2.0/24"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::other_networks);
    EXPECT_EQ(refused.error().offered, "192.168.1.0/25 === 192.168.2.0/24");
    EXPECT_EQ(refused.error().accepted, "192.168.1.0/24 === 192.168.2.0/24");
    EXPECT_EQ(refused.error().subject, "eltern-10");
    EXPECT_EQ(refused.error().place, line(10));
    EXPECT_EQ(
        refused.error().text(),
        "the peer answers with 192.168.1.0/25 === 192.168.2.0/24 where 192.168.1.0/24 === 192.168.2.0/24 was "
        "asked for: the masks differ");
    const auto others = check_networks(tunnel, net("10.1.0.0/24"), net("192.168.2.0/24"));
    ASSERT_FALSE(others);
    EXPECT_EQ(others.error().likeness, Likeness::none);
}

TEST(Networks, SlipsThatPeopleMakeAreNamed) {
    const auto peer = two_tunnels();
    const struct {
        const char* local;
        const char* remote;
        Likeness likeness;
        const char* words;
    } rows[] = {
        {"192.168.2.0/24", "192.168.1.0/24", Likeness::exchanged, ": they are exchanged at one end"},
        {"10.2.0.0/16", "192.168.1.0/24", Likeness::exchanged, ": they are exchanged at one end"},
        {"192.168.1.0/25", "192.168.2.0/24", Likeness::mask, ": the masks differ"},
        {"192.168.0.0/16", "10.2.3.0/24", Likeness::mask, ": the masks differ"},
        {"192.168.1.0/24", "10.3.0.0/16", Likeness::none, ""},
    };
    for (const auto& row : rows) {
        const auto refused = choose_tunnel(peer, net(row.local), net(row.remote));
        ASSERT_FALSE(refused) << row.local;
        EXPECT_EQ(refused.error().likeness, row.likeness) << row.local;
        EXPECT_TRUE(refused.error().text().ends_with(refused.error().accepted + row.words))
            << refused.error().text();
    }
}

}  // namespace
}  // namespace causeway::negotiation
