// What ICMP says of our IKE packets, as a raw socket gives it.
#include "host/icmp_monitor.hpp"

#include <cstdint>
#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace causeway::host {
namespace {

/// 192.0.2.254 says to 192.0.2.1 that a UDP packet from there to port 500 of 198.51.100.1 did not arrive.
Bytes message(std::uint8_t type = 3, std::uint8_t code = 3, std::uint8_t inner_protocol = 17,
              std::uint16_t source_port = 500) {
    Bytes packet{0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 254, 192, 0, 2, 1};
    packet.insert(packet.end(), {type, code, 0, 0, 0, 0, 0, 0});
    packet.insert(packet.end(),
                  {0x45, 0, 1, 0, 0, 0, 0, 0, 64, inner_protocol, 0, 0, 192, 0, 2, 1, 198, 51, 100, 1});
    packet.insert(packet.end(), {static_cast<std::uint8_t>(source_port >> 8U),
                                 static_cast<std::uint8_t>(source_port), 0x01, 0xf4, 0, 0xec, 0, 0});
    return packet;
}

TEST(IcmpMonitor, ReadsWhoSaysWhatOfWhom) {
    const auto told = read_unreachable(message());
    ASSERT_TRUE(told);
    EXPECT_EQ(told->local, (Endpoint{*IpAddress::parse("192.0.2.1"), 500}));
    EXPECT_EQ(told->remote, (Endpoint{*IpAddress::parse("198.51.100.1"), 500}));
    EXPECT_EQ(told->reporter, *IpAddress::parse("192.0.2.254"));
    EXPECT_EQ(told->code, 3);
    EXPECT_EQ(read_unreachable(message(3, 13))->code, 13);
    EXPECT_EQ(read_unreachable(message(3, 3, 17, 4500))->local.port, 4500);
}

TEST(IcmpMonitor, OthersAreNotOurs) {
    EXPECT_FALSE(read_unreachable(message(11))) << "time exceeded";
    EXPECT_FALSE(read_unreachable(message(3, 3, 6))) << "TCP";
    EXPECT_FALSE(read_unreachable(message(3, 3, 17, 53))) << "another program's";
    Bytes fragment = message();
    fragment[28 + 7] = 1;
    EXPECT_FALSE(read_unreachable(fragment)) << "a later fragment has no ports";
}

TEST(IcmpMonitor, WhatIsCutShortIsNotRead) {
    const Bytes whole = message();
    // 56 octets, of which the last four are not looked at.
    for (std::size_t octets = 0; octets < whole.size() - 4; ++octets) {
        EXPECT_FALSE(read_unreachable(ByteView(whole).first(octets))) << octets;
    }
    Bytes options = whole;
    options[20 + 8] = 0x4f;
    EXPECT_FALSE(read_unreachable(options)) << "a header that is longer than what is there";
    Bytes short_header = whole;
    short_header[0] = 0x44;
    EXPECT_FALSE(read_unreachable(short_header));
}

}  // namespace
}  // namespace causeway::host
