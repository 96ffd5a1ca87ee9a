// What `ipsec statusall` says of a suite: strongSwan's letters for what the status carries in ours.
#include "cli/strongswan_suite.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>

#include "config/model.hpp"
#include "crypto/algorithm.hpp"

namespace causeway::cli {
namespace {

TEST(StrongswanSuite, HasTheNamesOfPhase1) {
    EXPECT_EQ(strongswan_ike_suite("aes128-sha1-modp1024"), "AES_CBC_128/HMAC_SHA1/MODP_1024");
    EXPECT_EQ(strongswan_ike_suite("aes256-sha512-modp2048"), "AES_CBC_256/HMAC_SHA2_512/MODP_2048");
    EXPECT_EQ(strongswan_ike_suite("3des-md5-x25519"), "3DES_CBC/HMAC_MD5/CURVE_25519");
}

TEST(StrongswanSuite, HasTheNamesOfPhase2) {
    EXPECT_EQ(strongswan_esp_suite("aes128-sha1-modp1024"), "AES_CBC_128/HMAC_SHA1_96/MODP_1024");
    EXPECT_EQ(strongswan_esp_suite("aes192-sha384"), "AES_CBC_192/HMAC_SHA2_384_192");
    EXPECT_EQ(strongswan_esp_suite("aes256gcm16"), "AES_GCM_16_256");
    EXPECT_EQ(strongswan_esp_suite("aes128gcm16-ecp256"), "AES_GCM_16_128/ECP_256");
}

/// Whatever can be negotiated has other letters there: nothing is left as it was.
TEST(StrongswanSuite, KnowsEverySuite) {
    for (const auto& cipher : crypto::all_ciphers()) {
        for (const auto& group : crypto::all_groups()) {
            for (const auto& hash : crypto::all_hashes()) {
                const std::string plain = config::Phase1Proposal{cipher.id, hash.id, group.id}.text();
                EXPECT_NE(strongswan_ike_suite(plain), plain);
            }
            for (const auto& integrity : crypto::all_integrities()) {
                const std::string plain = config::Phase2Proposal{cipher.id, integrity.id, group.id}.text();
                EXPECT_NE(strongswan_esp_suite(plain), plain);
                const std::string no_pfs =
                    config::Phase2Proposal{cipher.id, integrity.id, std::nullopt}.text();
                EXPECT_NE(strongswan_esp_suite(no_pfs), no_pfs);
            }
        }
    }
}

TEST(StrongswanSuite, LeavesWhatItDoesNotKnow) {
    for (const char* other :
         {"", "aes128-sha3-modp1024", "AES_CBC_128/HMAC_SHA1/MODP_1024", "aes128-", "-sha1"}) {
        EXPECT_EQ(strongswan_ike_suite(other), other);
        EXPECT_EQ(strongswan_esp_suite(other), other);
    }
}

}  // namespace
}  // namespace causeway::cli
