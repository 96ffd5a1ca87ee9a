#include "host/no_trains.hpp"

#include <cstdint>

#include "loop.hpp"

namespace causeway::host {
namespace {

using test::address;

TEST(NoTrains, RemembersAnAddressForTenMinutes) {
    NoTrains table;
    const Instant start{std::chrono::seconds(1000)};
    EXPECT_TRUE(table.add(address("192.0.2.1"), start));
    EXPECT_FALSE(table.add(address("192.0.2.1"), start + std::chrono::minutes(1)));
    EXPECT_TRUE(table.contains(address("192.0.2.1"), start + std::chrono::seconds(599)));
    EXPECT_FALSE(table.contains(address("192.0.2.2"), start));
    EXPECT_FALSE(table.contains(address("192.0.2.1"), start + std::chrono::seconds(600)));
    EXPECT_TRUE(table.empty());
    EXPECT_TRUE(table.add(address("192.0.2.1"), start + std::chrono::seconds(601)));  // news again
}

TEST(NoTrains, IsBoundedAndForgetsTheOldestFirst) {
    NoTrains table;
    const Instant start{};
    for (std::uint32_t i = 0; i <= NoTrains::most; ++i) {
        EXPECT_TRUE(table.add(IpAddress::v4(0xc0000200 + i), start + std::chrono::seconds(i)));
    }
    EXPECT_EQ(table.size(), NoTrains::most);
    const Instant then = start + std::chrono::minutes(5);
    EXPECT_FALSE(table.contains(IpAddress::v4(0xc0000200), then));
    EXPECT_TRUE(table.contains(IpAddress::v4(0xc0000201), then));
    EXPECT_TRUE(table.contains(IpAddress::v4(0xc0000200 + NoTrains::most), then));
}

}  // namespace
}  // namespace causeway::host
