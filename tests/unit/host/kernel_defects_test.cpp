#include "host/kernel_defects.hpp"

#include <gtest/gtest.h>

namespace causeway::host {
namespace {

TEST(KernelDefects, UdpSegmentationIsCorruptedFrom7_0To7_1_4) {
    EXPECT_EQ(udp_send_defect("7.0.3"), "Linux 7.0.3 corrupts UDP segmentation");
    for (const char* release : {"7.0-rc1", "7.0.0-rc1", "7.0.0", "7.0", "7.0.99-1-amd64", "7.1.0-rc4",
                                "7.1.4", "7.1.4-200.fc45", "7.1.4+deb14-amd64", "7.0.0-14-generic"}) {
        EXPECT_NE(udp_send_defect(release), "") << release;
    }
    for (const char* release :
         {"7.1.5", "7.1.40", "7.1.5-1-lts", "7.2.0-rc1", "7.10.0", "8.0.1", "6.12.1", "6.18.44", "70.0.0"}) {
        EXPECT_EQ(udp_send_defect(release), "") << release;
    }
}

TEST(KernelDefects, JoinedDatagramsMayBeLostBefore6_8_5) {
    EXPECT_EQ(tun_udp_defect("6.8.4-1"), "Linux 6.8.4-1 may lose datagrams that were joined");
    EXPECT_NE(tun_udp_defect("6.6.99"), "");
    EXPECT_NE(tun_udp_defect("5.15.0-generic"), "");
    EXPECT_EQ(tun_udp_defect("6.8.5"), "");
    EXPECT_EQ(tun_udp_defect("6.12.1"), "");
    EXPECT_EQ(tun_udp_defect("7.0.3"), "");
}

TEST(KernelDefects, NothingIsKnownOfWhatIsNoRelease) {
    for (const char* release : {"", "7", "7.", "seven", "7.x", ".7.0", "7..0", "-7.0.1", " 7.0.1",
                                "99999999999999999999.0.1", "5", "x6.1"}) {
        EXPECT_EQ(udp_send_defect(release), "") << release;
        EXPECT_EQ(tun_udp_defect(release), "") << release;
    }
}

TEST(KernelDefects, ThisKernelHasARelease) {
    EXPECT_NE(kernel_release(), "");
}

}  // namespace
}  // namespace causeway::host
