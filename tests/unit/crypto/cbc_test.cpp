#include "crypto/cbc.hpp"

#include <gtest/gtest.h>
#include <optional>

#include "vectors.hpp"

namespace causeway::crypto {
namespace {

struct CbcCase {
    const char* key;
    const char* iv;
    const char* plain;
    const char* cipher;
};

// RFC 3602 4, cases 1 to 4.
constexpr CbcCase aes128_cases[] = {
    {"06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41",
     "53696e676c6520626c6f636b206d7367", "e353779c1079aeb82708942dbe77181a"},
    {"c286696d887c9aa0611bbb3e2025a45a", "562e17996d093d28ddb3ba695a2e6f58",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1"},
    {"6c3ea0477630ce21a2ce334aa746c2cd", "c782dc4c098c66cbd9cd27d825682c81",
     "5468697320697320612034382d62797465206d657373616765202865786163746c7920332041455320626c6f636b7329",
     "d0a02b3836451753d493665d33f0e8862dea54cdb293abc7506939276772f8d5021c19216bad525c8579695d83ba2684"},
    {"56e47a38c5598974bc46903dba290349", "8ce82eefbea0da3c44699ed7db51b7d9",
     "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d"
     "3d4"
     "d5d6d7d8d9dadbdcdddedf",
     "c30e32ffedc0774e6aff6af0869f71aa0f3af07a9a31a9c684db207eb0ef8e4e35907aa632c3ffdf868bb7b29d3d46ad83ce9f9"
     "a10"
     "2ee99d49a53e87f4c3da55"},
};

TEST(Cbc, GivesTheKnownAnswersBothWays) {
    for (const CbcCase& known : aes128_cases) {
        const Bytes key = hex(known.key);
        const Bytes iv = hex(known.iv);
        const auto cipher = cbc_encrypt(CipherId::aes_cbc_128, key, iv, hex(known.plain));
        ASSERT_TRUE(cipher);
        EXPECT_EQ(shown(*cipher), known.cipher);
        const auto plain = cbc_decrypt(CipherId::aes_cbc_128, key, iv, *cipher);
        ASSERT_TRUE(plain);
        EXPECT_EQ(shown(*plain), known.plain);
    }
}

TEST(Cbc, IsSingleDesWhenTheThreeKeysAreOne) {
    // FIPS 81's example in CBC mode: "Now is the time for all " under 0123456789abcdef.
    const Bytes key = hex("0123456789abcdef0123456789abcdef0123456789abcdef");
    const auto cipher =
        cbc_encrypt(CipherId::tdes_cbc, key, hex("1234567890abcdef"), as_bytes("Now is the time for all "));
    ASSERT_TRUE(cipher);
    EXPECT_EQ(shown(*cipher), "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6");
}

TEST(Cbc, RoundTripsWithEveryCipher) {
    for (const CipherInfo& cipher : all_ciphers()) {
        if (cipher.is_aead() || cipher.id == CipherId::des_cbc) {
            continue;
        }
        const Bytes key(cipher.key_octets, 0x23);
        const Bytes iv(cipher.block_octets, 0x42);
        for (std::size_t blocks = 0; blocks < 70; ++blocks) {
            const Bytes plain(blocks * cipher.block_octets, 0x17);
            const auto there = cbc_encrypt(cipher.id, key, iv, plain);
            ASSERT_TRUE(there) << there.error().text();
            EXPECT_EQ(there->size(), plain.size());
            EXPECT_TRUE(blocks == 0 || *there != plain);
            EXPECT_EQ(cbc_decrypt(cipher.id, key, iv, *there).value(), plain);
        }
    }
}

TEST(Cbc, RefusesSizesThatDoNotFit) {
    const Bytes many(64);
    const ByteView o(many);
    const auto code = [&](CipherId cipher, std::size_t key, std::size_t iv, std::size_t text) {
        const auto there = cbc_encrypt(cipher, o.first(key), o.first(iv), o.first(text));
        const auto back = cbc_decrypt(cipher, o.first(key), o.first(iv), o.first(text));
        EXPECT_EQ(there.has_value(), back.has_value());
        return there ? std::optional<Errc>{} : there.error().code;
    };
    EXPECT_EQ(code(CipherId::aes_cbc_128, 16, 16, 32), std::nullopt);
    EXPECT_EQ(code(CipherId::aes_cbc_128, 16, 16, 31), Errc::malformed);
    EXPECT_EQ(code(CipherId::aes_cbc_128, 16, 8, 32), Errc::malformed);
    EXPECT_EQ(code(CipherId::aes_cbc_128, 24, 16, 32), Errc::malformed);
    EXPECT_EQ(code(CipherId::tdes_cbc, 24, 8, 24), std::nullopt);
    EXPECT_EQ(code(CipherId::tdes_cbc, 16, 8, 24), Errc::malformed);
    EXPECT_EQ(code(CipherId::des_cbc, 8, 8, 24), Errc::unsupported);
    EXPECT_EQ(code(CipherId::aes_gcm16_128, 16, 16, 32), Errc::unsupported);
}

}  // namespace
}  // namespace causeway::crypto
