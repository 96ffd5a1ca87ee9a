// Which hosts the tunnels' networks would hide.
#include "dataplane/closed/surroundings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <iterator>
#include <random>
#include <vector>

namespace causeway::dataplane {
namespace {

TEST(Surroundings, HostsInsideAreThoseThatANetworkContains) {
    std::mt19937 random(1);  // NOLINT: the same cases each time
    std::size_t inside = 0;
    for (int round = 0; round < 300; ++round) {
        std::vector<Ipv4Net> networks(random() % 20);
        for (auto& net : networks) {
            net.prefix = static_cast<std::uint8_t>(20 + random() % 13);
            net.network = (0x0a000000U | (random() % 4096U)) & net.mask();
        }
        std::ranges::sort(networks);
        std::vector<IpAddress> hosts{*IpAddress::parse("2001:db8::1")};
        for (int i = 0; i < 20; ++i) {
            hosts.push_back(IpAddress::v4(0x0a000000U | (random() % 4096U)));
        }
        std::vector<IpAddress> expected;
        std::ranges::copy_if(hosts, std::back_inserter(expected), [&](const IpAddress& host) {
            return host.is_v4() && std::ranges::any_of(networks, [&](const Ipv4Net& net) {
                       return net.contains(host.v4_number());
                   });
        });
        inside += expected.size();
        EXPECT_EQ(hosts_inside(networks, hosts), expected);
    }
    EXPECT_GT(inside, 500U);
    EXPECT_LT(inside, 5500U);
}

TEST(Surroundings, EveryAddressIsInsideTheNetworkOfAll) {
    const std::array<Ipv4Net, 1> all{};
    const std::array hosts{IpAddress::v4(0), IpAddress::v4(0xffffffffU)};
    EXPECT_EQ(hosts_inside(all, hosts).size(), 2U);
}

}  // namespace
}  // namespace causeway::dataplane
