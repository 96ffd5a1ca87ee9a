// The Internet checksum of every length, against words added one by one.
#include "esp/checksum.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>

#include "unit/esp/packets.hpp"
#include "unit/esp/segments.hpp"

namespace causeway::esp {
namespace {

TEST(InternetSum, IsRightForEachLengthAndPlace) {
    const Bytes octets = test::Dice(1).octets(700);
    Bytes copy(octets.size() + 40);
    for (std::size_t from = 0; from < 20; ++from) {
        for (std::size_t size = 0; size + from <= (from < 3 ? octets.size() : 150); ++size) {
            const ByteView part = ByteView(octets).subspan(from, size);
            const std::uint32_t expected = test::ones_sum(part);
            ASSERT_EQ(internet_sum(part), expected) << from << " " << size;
            ASSERT_EQ(internet_checksum(part), ~expected & 0xffff) << from << " " << size;
            std::fill(copy.begin(), copy.end(), std::uint8_t{0xee});
            ASSERT_EQ(copy_with_sum(part, copy.data() + from + 1), expected) << from << " " << size;
            ASSERT_TRUE(equal(ByteView(copy).subspan(from + 1, size), part)) << from << " " << size;
            ASSERT_EQ(copy[from], 0xee);
            ASSERT_EQ(copy[from + 1 + size], 0xee) << from << " " << size;
        }
    }
}

TEST(InternetSum, LosesNoCarryOfManyOctets) {
    for (const std::size_t size : {std::size_t{65535}, std::size_t{600000}, std::size_t{5000001}}) {
        const Bytes octets(size, 0xff);
        EXPECT_EQ(internet_sum(octets), size % 2 == 0 ? 0xffff : 0xff00) << size;
    }
    Bytes octets(3000000);
    octets[2999998] = 1;
    EXPECT_EQ(internet_sum(octets), 256);
}

TEST(InternetSum, IsZeroForZerosAlone) {
    EXPECT_EQ(internet_sum(Bytes(1000)), 0);
    EXPECT_EQ(internet_sum(Bytes{0xff, 0xff}), 0xffff);
    EXPECT_EQ(internet_sum({}), 0);
}

TEST(InternetSum, ThePseudoHeaderIsAddedUpUnfolded) {
    test::IpFields ip;
    ip.source = 0xffffffff;
    ip.destination = 0xfffefffd;
    const Bytes packet = test::ip_packet(ip, Bytes(8));
    EXPECT_EQ(pseudo_header_sum(packet.data(), 65515), test::pseudo_sum_of(ip, 65515));
}

}  // namespace
}  // namespace causeway::esp
