#include "crypto/algorithm.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <optional>

namespace causeway::crypto {
namespace {

TEST(Algorithms, AreFoundByTheirOwnNamesAndNumbers) {
    for (const CipherInfo& cipher : all_ciphers()) {
        EXPECT_EQ(&info(cipher.id), &cipher);
        EXPECT_EQ(cipher_from_name(cipher.name), cipher.id) << cipher.name;
        EXPECT_EQ(cipher_from_name(cipher.long_name), cipher.id) << cipher.long_name;
        EXPECT_EQ(cipher_from_esp(cipher.esp_transform, cipher.key_length_bits), cipher.id);
        if (cipher.oakley) {
            EXPECT_EQ(cipher_from_oakley(*cipher.oakley, cipher.key_length_bits), cipher.id);
        }
    }
    for (const HashInfo& hash : all_hashes()) {
        EXPECT_EQ(&info(hash.id), &hash);
        EXPECT_EQ(hash_from_name(hash.name), hash.id) << hash.name;
        EXPECT_EQ(hash_from_name(hash.long_name), hash.id) << hash.long_name;
        EXPECT_EQ(hash_from_oakley(hash.oakley), hash.id);
    }
    for (const IntegrityInfo& integrity : all_integrities()) {
        EXPECT_EQ(&info(integrity.id), &integrity);
        EXPECT_EQ(integrity_from_name(integrity.name), integrity.id) << integrity.name;
        EXPECT_EQ(integrity_from_name(integrity.long_name), integrity.id) << integrity.long_name;
        if (integrity.id != IntegrityId::none) {
            EXPECT_EQ(integrity_from_attribute(integrity.attribute), integrity.id);
            EXPECT_EQ(integrity.key_octets, info(integrity.hash).digest_octets);
            EXPECT_LT(integrity.icv_octets, integrity.key_octets);
        }
    }
    for (const GroupInfo& group : all_groups()) {
        EXPECT_EQ(&info(group.id), &group);
        EXPECT_EQ(group_from_name(group.name), group.id) << group.name;
        EXPECT_EQ(group_from_name(group.long_name), group.id) << group.long_name;
        EXPECT_EQ(group_from_number(static_cast<std::uint16_t>(group.id)), group.id);
    }
}

TEST(Algorithms, AreFoundByTheWordsPeopleWrite) {
    EXPECT_EQ(cipher_from_name("aes"), CipherId::aes_cbc_128);
    EXPECT_EQ(cipher_from_name("AES256"), CipherId::aes_cbc_256);
    EXPECT_EQ(cipher_from_name("aes_128"), CipherId::aes_cbc_128);
    EXPECT_EQ(cipher_from_name("aes-192"), CipherId::aes_cbc_192);
    EXPECT_EQ(cipher_from_name("3DES"), CipherId::tdes_cbc);
    EXPECT_EQ(cipher_from_name("aes128gcm128"), CipherId::aes_gcm16_128);
    EXPECT_EQ(cipher_from_name("aes256gcm16"), CipherId::aes_gcm16_256);
    EXPECT_EQ(hash_from_name("sha"), HashId::sha1);
    EXPECT_EQ(hash_from_name("SHA1"), HashId::sha1);
    EXPECT_EQ(hash_from_name("sha2_256"), HashId::sha2_256);
    EXPECT_EQ(integrity_from_name("hmac_sha1"), IntegrityId::hmac_sha1_96);
    EXPECT_EQ(integrity_from_name("sha"), IntegrityId::hmac_sha1_96);
    EXPECT_EQ(integrity_from_name("sha2_512"), IntegrityId::hmac_sha2_512_256);
    for (const char* name : {"modp1024", "2", "dh2", "group2", "dh_group2", "MODP_1024"}) {
        EXPECT_EQ(group_from_name(name), GroupId::modp1024) << name;
    }
    EXPECT_EQ(group_from_name("curve25519"), GroupId::x25519);
    EXPECT_EQ(group_from_name("group31"), GroupId::x25519);
}

TEST(Algorithms, AreNotFoundByOtherWords) {
    for (const char* name : {"", "_", "aes512", "aes128gcm8", "blowfish", "aes128x", "null"}) {
        EXPECT_EQ(cipher_from_name(name), std::nullopt) << name;
    }
    for (const char* name : {"", "sha224", "md4", "none"}) {
        EXPECT_EQ(hash_from_name(name), std::nullopt) << name;
    }
    // Another truncation is another algorithm: taking it for ours would give a tunnel that carries nothing.
    for (const char* name : {"", "sha256_96", "hmac_sha2_256_96", "sha1_160", "aesxcbc"}) {
        EXPECT_EQ(integrity_from_name(name), std::nullopt) << name;
    }
    for (const char* name : {"", "dh", "group", "24", "modp2048s256", "-2", "2x", "65538", "dh00000002"}) {
        EXPECT_EQ(group_from_name(name), std::nullopt) << name;
    }
}

TEST(Algorithms, TakeAnAbsentKeyLengthOfAesFor128) {
    EXPECT_EQ(cipher_from_oakley(7, std::nullopt), CipherId::aes_cbc_128);
    EXPECT_EQ(cipher_from_esp(12, std::nullopt), CipherId::aes_cbc_128);
    EXPECT_EQ(cipher_from_esp(20, std::nullopt), CipherId::aes_gcm16_128);
    EXPECT_EQ(cipher_from_oakley(7, 512), std::nullopt);
    EXPECT_EQ(cipher_from_oakley(7, 0), std::nullopt);
    EXPECT_EQ(cipher_from_oakley(5, 192), std::nullopt);
    EXPECT_EQ(cipher_from_esp(3, 192), std::nullopt);
    // An AEAD is no cipher of Phase 1.
    EXPECT_EQ(cipher_from_oakley(20, 128), std::nullopt);
}

TEST(Algorithms, AreNotFoundByNumbersNobodyGave) {
    EXPECT_EQ(hash_from_oakley(0), std::nullopt);
    EXPECT_EQ(hash_from_oakley(3), std::nullopt);  // Tiger
    EXPECT_EQ(integrity_from_attribute(0), std::nullopt);
    EXPECT_EQ(integrity_from_attribute(3), std::nullopt);  // DES-MAC
    EXPECT_EQ(group_from_number(0), std::nullopt);
    EXPECT_EQ(group_from_number(24), std::nullopt);
    EXPECT_EQ(cipher_from_esp(11, std::nullopt), std::nullopt);  // ESP_NULL
}

TEST(Algorithms, HaveTheNumbersOfTheRfcs) {
    // RFC 2409 App. A, RFC 2407 4.4.4 and 4.5, RFC 4868, written out once more.
    EXPECT_EQ(cipher_from_oakley(1, std::nullopt), CipherId::des_cbc);
    EXPECT_EQ(cipher_from_oakley(5, std::nullopt), CipherId::tdes_cbc);
    EXPECT_EQ(cipher_from_oakley(7, 256), CipherId::aes_cbc_256);
    EXPECT_EQ(cipher_from_esp(2, std::nullopt), CipherId::des_cbc);
    EXPECT_EQ(cipher_from_esp(3, std::nullopt), CipherId::tdes_cbc);
    EXPECT_EQ(cipher_from_esp(12, 192), CipherId::aes_cbc_192);
    EXPECT_EQ(cipher_from_esp(20, 256), CipherId::aes_gcm16_256);
    EXPECT_EQ(hash_from_oakley(1), HashId::md5);
    EXPECT_EQ(hash_from_oakley(2), HashId::sha1);
    EXPECT_EQ(hash_from_oakley(4), HashId::sha2_256);
    EXPECT_EQ(hash_from_oakley(5), HashId::sha2_384);
    EXPECT_EQ(hash_from_oakley(6), HashId::sha2_512);
    EXPECT_EQ(integrity_from_attribute(1), IntegrityId::hmac_md5_96);
    EXPECT_EQ(integrity_from_attribute(2), IntegrityId::hmac_sha1_96);
    EXPECT_EQ(integrity_from_attribute(5), IntegrityId::hmac_sha2_256_128);
    EXPECT_EQ(integrity_from_attribute(6), IntegrityId::hmac_sha2_384_192);
    EXPECT_EQ(integrity_from_attribute(7), IntegrityId::hmac_sha2_512_256);
}

}  // namespace
}  // namespace causeway::crypto
