#include "esp/sizes.hpp"

#include <gtest/gtest.h>

#include "unit/esp/suites.hpp"

namespace causeway::esp {
namespace {

using crypto::CipherId;
using crypto::IntegrityId;
using sa::Encapsulation;

TEST(InnerMtu, KnownFigures) {
    struct Row {
        CipherId cipher;
        IntegrityId integrity;
        Encapsulation encapsulation;
        bool outer_v4;
        std::size_t outer;
        std::size_t inner;
    };
    const Row rows[] = {
        {CipherId::aes_cbc_128, IntegrityId::hmac_sha1_96, Encapsulation::udp, true, 1500, 1422},
        {CipherId::aes_cbc_128, IntegrityId::hmac_sha1_96, Encapsulation::none, true, 1500, 1438},
        {CipherId::aes_cbc_128, IntegrityId::hmac_sha1_96, Encapsulation::udp, true, 1492, 1422},
        {CipherId::aes_gcm16_128, IntegrityId::none, Encapsulation::udp, true, 1500, 1438},
        {CipherId::aes_gcm16_128, IntegrityId::none, Encapsulation::none, true, 1500, 1446},
        {CipherId::aes_gcm16_128, IntegrityId::none, Encapsulation::udp, true, 1492, 1430},
        {CipherId::aes_cbc_256, IntegrityId::hmac_sha2_256_128, Encapsulation::udp, true, 1500, 1422},
        {CipherId::aes_cbc_256, IntegrityId::hmac_sha2_256_128, Encapsulation::none, true, 1500, 1438},
        {CipherId::aes_cbc_256, IntegrityId::hmac_sha2_512_256, Encapsulation::udp, true, 1500, 1406},
        {CipherId::tdes_cbc, IntegrityId::hmac_md5_96, Encapsulation::udp, true, 1500, 1438},
        {CipherId::aes_cbc_128, IntegrityId::hmac_sha1_96, Encapsulation::none, false, 1500, 1422},
        {CipherId::aes_cbc_128, IntegrityId::hmac_sha1_96, Encapsulation::udp, true, 300, 576},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(inner_mtu(suite_of(row.cipher, row.integrity), row.encapsulation, row.outer_v4, row.outer),
                  row.inner)
            << crypto::info(row.cipher).name << " " << crypto::info(row.integrity).name << " " << row.outer;
    }
}

// The inner MTU is exactly the edge: it fits, one octet more does not.
TEST(InnerMtu, IsTheLargestThatFits) {
    for (const test::SuiteCase& s : test::all_suites()) {
        const Suite suite = suite_of(s.cipher, s.integrity);
        for (std::size_t outer = 1280; outer <= 1600; ++outer) {
            const std::size_t inner = inner_mtu(suite, Encapsulation::udp, true, outer);
            EXPECT_LE(sealed_octets(suite, inner) + 28, outer);
            EXPECT_GT(sealed_octets(suite, inner + 1) + 28, outer);
        }
    }
}

TEST(Padding, FillsToTheAlignmentAndNotBeyond) {
    for (const test::SuiteCase& s : test::all_suites()) {
        const Suite suite = suite_of(s.cipher, s.integrity);
        for (std::size_t inner = 0; inner < 100; ++inner) {
            EXPECT_LT(padding_octets(suite, inner), suite.align);
            EXPECT_EQ((inner + padding_octets(suite, inner) + 2) % suite.align, 0U);
        }
    }
    EXPECT_EQ(suite_of(CipherId::aes_gcm16_256, IntegrityId::none).align, 4U);
    EXPECT_EQ(suite_of(CipherId::tdes_cbc, IntegrityId::hmac_sha1_96).align, 8U);
    EXPECT_EQ(suite_of(CipherId::aes_cbc_128, IntegrityId::hmac_sha1_96).align, 16U);
}

}  // namespace
}  // namespace causeway::esp
