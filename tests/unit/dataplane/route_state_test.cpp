// What the system's routes say about a remote network, without a system.
#include "dataplane/closed/route_state.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace causeway::dataplane {
namespace {

constexpr unsigned tun = 7;
constexpr unsigned wan = 3;

Ipv4Net net(const char* text) {
    return *Ipv4Net::parse(text);
}

host::Route route(const char* destination, unsigned device, std::uint32_t metric = 0) {
    host::Route one;
    one.destination = net(destination);
    one.device = device;
    one.metric = metric;
    return one;
}

RouteState state(const std::vector<host::Route>& of_others, bool in_main = true, bool placed = true) {
    const std::vector<Ipv4Net> locals{net("10.1.0.0/16")};
    std::vector<host::Route> routes;
    host::Route closing = route("10.0.0.0/8", 0, host::highest_metric);
    closing.unreachable = true;
    routes.push_back(closing);
    if (placed) {
        routes.push_back(route("10.0.0.0/8", tun));
    }
    return route_state({net("10.0.0.0/8"), locals, tun, in_main, routes, of_others});
}

TEST(RouteState, ANarrowerRouteTakesPackets) {
    using Kind = RouteState::Kind;
    EXPECT_EQ(state({}).kind, Kind::placed);
    EXPECT_EQ(state({route("0.0.0.0/0", wan), route("10.0.0.0/7", wan), route("11.0.0.0/8", wan)}).kind,
              Kind::placed);
    EXPECT_EQ(state({route("10.2.0.0/16", wan)}).kind, Kind::shadowed);
    EXPECT_TRUE(state({route("10.2.0.0/16", wan)}).by.starts_with("the route 10.2.0.0/16 dev "));
    EXPECT_EQ(state({route("10.2.0.0/16", wan, 100)}).kind, Kind::shadowed);
    // Of the same network only one without a metric.
    EXPECT_EQ(state({route("10.0.0.0/8", wan, 100)}).kind, Kind::placed);
    EXPECT_EQ(state({route("10.0.0.0/8", wan)}).kind, Kind::shadowed);
    // The tunnel's own end, and what is in it.
    EXPECT_EQ(state({route("10.1.0.0/16", wan), route("10.1.7.0/24", wan)}).kind, Kind::placed);
    // In a table of our own the main one's are not compared.
    EXPECT_EQ(state({route("10.2.0.0/16", wan)}, false).kind, Kind::placed);
    EXPECT_EQ(state({}, true, false).kind, Kind::absent);
    EXPECT_EQ(state({route("10.0.0.0/8", wan, 100)}, true, false).kind, Kind::shadowed);
    EXPECT_EQ(state({route("10.0.0.0/7", wan)}, true, false).kind, Kind::absent);
}

std::string hosts(const char* remote, std::vector<Ipv4Net> left_out = {}) {
    std::string text;
    for (const IpAddress& host : hosts_to_ask_about(net(remote), left_out)) {
        text += host.text() + " ";
    }
    return text;
}

TEST(RouteState, HostsToAskAboutAreFarApartAndOrdinary) {
    EXPECT_EQ(hosts("192.168.0.0/24"), "192.168.0.2 192.168.0.127 192.168.0.254 ");
    EXPECT_EQ(hosts("192.168.0.0/24", {net("192.168.0.0/25")}), "192.168.0.254 ");
    EXPECT_EQ(hosts("192.168.0.4/32"), "192.168.0.4 ");
    EXPECT_EQ(hosts("192.168.0.4/31"), "192.168.0.5 192.168.0.4 ");
    EXPECT_EQ(hosts("0.0.0.0/0"), "1.0.0.0 223.255.255.254 ");
    EXPECT_EQ(hosts("10.0.0.0/8", {net("0.0.0.0/0")}), "");
}

}  // namespace
}  // namespace causeway::dataplane
