#include "host/no_trains.hpp"

#include <cstddef>
#include <cstdint>

#include "loop.hpp"

namespace causeway::host {
namespace {

using test::address;

constexpr std::size_t octets = 1000;

TEST(NoTrains, RemembersAnAddressForTenMinutes) {
    NoTrains table;
    const Instant start{std::chrono::seconds(1000)};
    EXPECT_TRUE(table.add(address("192.0.2.1"), octets, start));
    EXPECT_FALSE(table.add(address("192.0.2.1"), octets, start + std::chrono::minutes(1)));
    EXPECT_TRUE(table.contains(address("192.0.2.1"), octets, start + std::chrono::seconds(599)));
    EXPECT_FALSE(table.contains(address("192.0.2.2"), octets, start));
    EXPECT_FALSE(table.contains(address("192.0.2.1"), octets, start + std::chrono::seconds(600)));
    EXPECT_TRUE(table.empty());
    EXPECT_TRUE(table.add(address("192.0.2.1"), octets, start + std::chrono::seconds(601)));  // news again
}

TEST(NoTrains, ShorterDatagramsAreAnotherMatter) {
    NoTrains table;
    const Instant start{};
    EXPECT_TRUE(table.add(address("192.0.2.1"), 1400, start));
    EXPECT_TRUE(table.contains(address("192.0.2.1"), 1401, start));
    EXPECT_TRUE(table.contains(address("192.0.2.1"), 1400, start));
    EXPECT_FALSE(table.contains(address("192.0.2.1"), 1399, start));
    // The shortest that was refused counts, and the time of the first.
    EXPECT_FALSE(table.add(address("192.0.2.1"), 900, start + std::chrono::minutes(1)));
    EXPECT_FALSE(table.add(address("192.0.2.1"), 1300, start + std::chrono::minutes(2)));
    EXPECT_TRUE(table.contains(address("192.0.2.1"), 900, start + std::chrono::seconds(599)));
    EXPECT_FALSE(table.contains(address("192.0.2.1"), 899, start + std::chrono::seconds(599)));
    EXPECT_FALSE(table.contains(address("192.0.2.1"), 1400, start + std::chrono::seconds(600)));
    // Of none at all.
    EXPECT_TRUE(table.add(address("192.0.2.2"), 0, start));
    EXPECT_TRUE(table.contains(address("192.0.2.2"), 1, start));
}

TEST(NoTrains, IsBoundedAndForgetsTheOldestFirst) {
    NoTrains table;
    const Instant start{};
    for (std::uint32_t i = 0; i <= NoTrains::most; ++i) {
        EXPECT_TRUE(table.add(IpAddress::v4(0xc0000200 + i), octets, start + std::chrono::seconds(i)));
    }
    EXPECT_EQ(table.size(), NoTrains::most);
    const Instant then = start + std::chrono::minutes(5);
    EXPECT_FALSE(table.contains(IpAddress::v4(0xc0000200), octets, then));
    EXPECT_TRUE(table.contains(IpAddress::v4(0xc0000201), octets, then));
    EXPECT_TRUE(table.contains(IpAddress::v4(0xc0000200 + NoTrains::most), octets, then));
}

}  // namespace
}  // namespace causeway::host
