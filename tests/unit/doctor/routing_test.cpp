// The main routing table as the kernel prints it, what is chosen of it, and where a ping can go out.

#include "doctor/routing.hpp"

#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/ping_plan.hpp"
#include "unit/doctor/healthy.hpp"

namespace causeway::doctor {
namespace {

/// The four octets as a number of this processor's own order, as the kernel prints them.
std::string printed(std::string_view text) {
    std::uint32_t number = 0;
    const auto octets = address(text);
    std::memcpy(&number, octets.octets().data(), sizeof number);
    return fmt::format("{:08X}", number);
}

std::string row(const char* device, const char* net, const char* flags, const char* metric,
                const char* mask) {
    return fmt::format("{}\t{}\t00000000\t{}\t0\t0\t{}\t{}\t0\t0\t0\n", device, printed(net), flags, metric,
                       printed(mask));
}

std::string table() {
    return "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
           row("wan", "0.0.0.0", "0003", "0", "0.0.0.0") +
           row("causeway0", "192.168.178.0", "0001", "0", "255.255.255.0") +
           row("*", "192.168.178.0", "0201", "-1", "255.255.255.0") +
           row("*", "192.168.1.0", "0201", "1024", "255.255.255.0") +
           row("down0", "192.168.2.0", "0000", "0", "255.255.255.0") + "cut\t00B2A8C0\t0000\n";
}

TEST(DoctorRoutingTest, ReadsTheKernelsTable) {
    const auto routes = parse_routes(table());
    ASSERT_EQ(routes.size(), 4U);
    EXPECT_EQ(routes[0].device, "wan");
    EXPECT_EQ(routes[0].net.text(), "0.0.0.0/0");
    EXPECT_EQ(routes[1].net.text(), "192.168.178.0/24");
    EXPECT_FALSE(routes[1].reject);
    EXPECT_EQ(routes[2].metric, 4294967295U);
    EXPECT_TRUE(routes[3].reject);
    EXPECT_EQ(routes[3].metric, 1024U);
    EXPECT_TRUE(parse_routes("").empty());
}

TEST(DoctorRoutingTest, TheLongestPrefixIsTaken) {
    const auto routes = parse_routes(table());
    EXPECT_EQ(route_to(routes, address("192.168.178.9"))->device, "causeway0");
    EXPECT_EQ(route_to(routes, address("8.8.8.8"))->device, "wan");
    EXPECT_EQ(route_to(routes, address("2001:db8::1")), nullptr);
    EXPECT_EQ(route_to({}, address("8.8.8.8")), nullptr);
}

TEST(DoctorPingPlanTest, ThePingLeavesFromOurAddressInTheLocalNetwork) {
    auto seen = healthy();
    auto plan = plan_ping(seen, address("192.168.178.20"));
    EXPECT_EQ(plan.local, "192.168.1.0/24");
    EXPECT_EQ(plan.source, address("192.168.1.1"));
    seen.addresses.pop_back();
    plan = plan_ping(seen, address("192.168.178.20"));
    EXPECT_EQ(plan.local, "192.168.1.0/24");
    EXPECT_EQ(plan.source, std::nullopt);
    plan = plan_ping(seen, address("10.0.0.1"));
    EXPECT_EQ(plan.local, "");
    EXPECT_EQ(plan.networks, std::vector<std::string>{"192.168.178.0/24"});
}

TEST(DoctorPingPlanTest, ATunnelThatIsUpComesFirst) {
    auto seen = healthy();
    auto second = tunnel_of(seen);
    second.local = "192.168.2.0/24";
    tunnel_of(seen).sas.clear();
    peer_of(seen).tunnels.push_back(second);
    EXPECT_EQ(plan_ping(seen, address("192.168.178.20")).local, "192.168.2.0/24");
    // Both are up, and this machine has an address for the second one only.
    seen = healthy();
    peer_of(seen).tunnels.push_back(tunnel_of(seen));
    tunnel_of(seen).local = "192.168.2.0/24";
    EXPECT_EQ(plan_ping(seen, address("192.168.178.20")).source, address("192.168.1.1"));
    peer_of(seen).tunnels.back().sas.clear();
    tunnel_of(seen).sas.clear();
    EXPECT_EQ(plan_ping(seen, address("192.168.178.20")).source, address("192.168.1.1"));
}

}  // namespace
}  // namespace causeway::doctor
