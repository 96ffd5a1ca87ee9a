#include "esp/tos.hpp"

#include <cstdint>
#include <gtest/gtest.h>

#include "unit/esp/packets.hpp"

namespace causeway::esp {
namespace {

constexpr int dropped = -1;

// RFC 6040 figure 4, row by row: [inner][outer], in the order Not-ECT, ECT(1), ECT(0), CE of the code points.
constexpr int figure4[4][4] = {
    // outer: Not-ECT  ECT(1)  ECT(0)  CE
    {0, 0, 0, dropped},  // inner Not-ECT
    {1, 1, 1, 3},        // inner ECT(1)
    {2, 1, 2, 3},        // inner ECT(0)
    {3, 3, 3, 3},        // inner CE
};

TEST(Tos, DecapsulationFollowsFigure4) {
    for (unsigned inner = 0; inner < 4; ++inner) {
        for (unsigned outer = 0; outer < 4; ++outer) {
            const std::uint8_t inner_dscp = 0xb8;
            const auto result = decapsulated_tos(static_cast<std::uint8_t>(0x28 | outer),
                                                 static_cast<std::uint8_t>(inner_dscp | inner));
            if (figure4[inner][outer] == dropped) {
                EXPECT_FALSE(result) << inner << " " << outer;
            } else {
                ASSERT_TRUE(result) << inner << " " << outer;
                EXPECT_EQ(*result, inner_dscp | figure4[inner][outer]) << inner << " " << outer;
            }
        }
    }
}

TEST(Tos, EncapsulationIsCompatibilityMode) {
    for (unsigned tos = 0; tos < 256; ++tos) {
        EXPECT_EQ(outer_tos(static_cast<std::uint8_t>(tos), true), tos & 0xfc);
        EXPECT_EQ(outer_tos(static_cast<std::uint8_t>(tos), false), 0);
    }
}

TEST(Tos, HeaderChecksumStaysRight) {
    for (unsigned before = 0; before < 256; before += 5) {
        for (unsigned after = 0; after < 256; after += 3) {
            test::IpFields fields;
            fields.tos = static_cast<std::uint8_t>(before);
            Bytes packet = test::udp_packet(40, fields);
            set_tos(packet.data(), static_cast<std::uint8_t>(after));
            EXPECT_EQ(packet[1], after);
            EXPECT_TRUE(test::header_checksum_right(packet)) << before << " " << after;
        }
    }
}

TEST(Tos, AWrongChecksumStaysWrong) {
    Bytes packet = test::udp_packet(40);
    packet[10] ^= 0x40;
    set_tos(packet.data(), 0x2e);
    EXPECT_FALSE(test::header_checksum_right(packet));
}

}  // namespace
}  // namespace causeway::esp
