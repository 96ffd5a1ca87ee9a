#include <array>
#include <bit>
#include <cstdint>
#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "codec/vnet/header.hpp"

namespace causeway::vnet {
namespace {

// What a TUN device of Linux 6.1 hands over for a train of TCP segments with 1348 octets each.
TEST(VnetHeader, ReadsWhatTheKernelWrites) {
    const std::array<std::uint16_t, 4> words{52, 1348, 20, 16};  // in the machine's byte order
    Bytes octets{1, 1};
    for (const std::uint16_t word : words) {
        const auto pair = std::bit_cast<std::array<std::uint8_t, 2>>(word);
        octets.insert(octets.end(), pair.begin(), pair.end());
    }
    const auto header = decode(octets);
    ASSERT_TRUE(header);
    EXPECT_EQ(*header, (Header{true, false, Segmentation::tcp4, 52, 1348, 20, 16}));
}

TEST(VnetHeader, WritesWhatItReads) {
    for (const auto segmentation :
         {Segmentation::none, Segmentation::tcp4, Segmentation::tcp6, Segmentation::udp}) {
        for (const bool flag : {false, true}) {
            const Header header{flag, !flag, segmentation, 52, 1348, 20, 16};
            std::array<std::uint8_t, header_octets> octets{};
            encode(header, octets);
            const auto back = decode(octets);
            ASSERT_TRUE(back);
            EXPECT_EQ(*back, header);
        }
    }
}

TEST(VnetHeader, RefusesStumpsAndKindsNobodyAskedFor) {
    Bytes octets(header_octets, 0);
    EXPECT_TRUE(decode(octets));
    EXPECT_FALSE(decode(ByteView(octets).first(header_octets - 1)));
    for (const int type : {2, 3, 6, 0x7f}) {  // 3 is UDP as fragments, which newer kernels no longer make
        octets[1] = static_cast<std::uint8_t>(type);
        EXPECT_FALSE(decode(octets)) << type;
    }
}

}  // namespace
}  // namespace causeway::vnet
