#include "crypto/hash.hpp"

#include <gtest/gtest.h>
#include <string_view>
#include <thread>
#include <vector>

#include "crypto/random.hpp"
#include "vectors.hpp"

namespace causeway::crypto {
namespace {

struct HmacCase {
    HashId hash;
    Bytes key;
    std::string_view text;
    std::string_view digest;
};

const std::string_view hi = "Hi There";
const std::string_view jefe = "what do ya want for nothing?";
const std::string_view larger = "Test Using Larger Than Block-Size Key - Hash Key First";

// RFC 2202 2 and 3 (cases 1, 2 and 6), RFC 4231 4 (cases 1, 2 and 6).
const HmacCase hmac_cases[] = {
    {HashId::md5, Bytes(16, 0x0b), hi, "9294727a3638bb1c13f48ef8158bfc9d"},
    {HashId::md5, to_bytes(as_bytes("Jefe")), jefe, "750c783e6ab0b503eaa86e310a5db738"},
    {HashId::md5, Bytes(80, 0xaa), larger, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"},
    {HashId::sha1, Bytes(20, 0x0b), hi, "b617318655057264e28bc0b6fb378c8ef146be00"},
    {HashId::sha1, to_bytes(as_bytes("Jefe")), jefe, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {HashId::sha1, Bytes(80, 0xaa), larger, "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
    {HashId::sha2_256, Bytes(20, 0x0b), hi,
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {HashId::sha2_256, to_bytes(as_bytes("Jefe")), jefe,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {HashId::sha2_256, Bytes(131, 0xaa), larger,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {HashId::sha2_384, Bytes(20, 0x0b), hi,
     "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"},
    {HashId::sha2_384, to_bytes(as_bytes("Jefe")), jefe,
     "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"},
    {HashId::sha2_384, Bytes(131, 0xaa), larger,
     "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"},
    {HashId::sha2_512, Bytes(20, 0x0b), hi,
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914"
     "eeb61"
     "f1702e696c203a126854"},
    {HashId::sha2_512, to_bytes(as_bytes("Jefe")), jefe,
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a"
     "34d4a"
     "6b4b636e070a38bce737"},
    {HashId::sha2_512, Bytes(131, 0xaa), larger,
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f7"
     "3f63f"
     "0aec8b915a985d786598"},
};

TEST(Prf, GivesTheKnownAnswers) {
    for (const HmacCase& known : hmac_cases) {
        EXPECT_EQ(shown(prf(known.hash, known.key, {as_bytes(known.text)})), known.digest);
        EXPECT_EQ(shown(prf_secret(known.hash, known.key, {as_bytes(known.text)}).view()), known.digest);
    }
}

TEST(Prf, IsOverThePartsTogether) {
    const Bytes key(20, 0x0b);
    for (const HashInfo& hash : all_hashes()) {
        const Bytes whole = prf(hash.id, key, {as_bytes("Hi There")});
        EXPECT_EQ(whole.size(), hash.digest_octets);
        EXPECT_EQ(prf(hash.id, key, {as_bytes("Hi"), {}, as_bytes(" "), as_bytes("There")}), whole);
    }
}

TEST(Prf, TakesAnEmptyKeyForWhatItIs) {
    // Not for the key of the call before.
    const Bytes other = prf(HashId::sha1, Bytes(20, 0x0b), {as_bytes("x")});
    // HMAC_SHA1("", "") as in RFC 2104 with a key of zeros.
    EXPECT_EQ(shown(prf(HashId::sha1, {}, {})), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
    EXPECT_EQ(prf(HashId::sha1, {}, {}), prf(HashId::sha1, Bytes(64), {}));
    EXPECT_EQ(prf(HashId::sha1, Bytes(20, 0x0b), {as_bytes("x")}), other);
}

TEST(Hash, GivesTheKnownAnswers) {
    EXPECT_EQ(shown(hash(HashId::md5, {as_bytes("abc")})), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(shown(hash(HashId::sha1, {as_bytes("a"), as_bytes("bc")})),
              "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(shown(hash(HashId::sha2_256, {as_bytes("abc")})),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(
        shown(hash(HashId::sha2_384, {as_bytes("abc")})),
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    EXPECT_EQ(shown(hash(HashId::sha2_512, {as_bytes("abc")})),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feeb"
              "bd454d44"
              "23643ce80e2a9ac94fa54ca49f");
    EXPECT_EQ(shown(hash(HashId::sha1, {})), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST(Hash, WorksInManyThreads) {
    const Bytes expected = prf(HashId::sha2_256, Bytes(32, 1), {as_bytes("text")});
    std::vector<Bytes> results(4);
    std::vector<std::thread> threads;
    for (Bytes& result : results) {
        threads.emplace_back([&result] {
            for (int i = 0; i < 200; ++i) {
                result = prf(HashId::sha2_256, Bytes(32, 1), {as_bytes("text")});
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const Bytes& result : results) {
        EXPECT_EQ(result, expected);
    }
}

TEST(SystemRandom, FillsAllOfAnySize) {
    SystemRandom random;
    for (const std::size_t size : {0u, 1u, 32u, 70000u, 200000u}) {
        const Bytes a = random.octets(size);
        ASSERT_EQ(a.size(), size);
        if (size >= 32) {
            EXPECT_NE(a, random.octets(size));
            // The end is filled as well: eight zeros there by chance are not to be seen in a lifetime.
            EXPECT_NE(Bytes(a.end() - 8, a.end()), Bytes(8));
        }
    }
}

}  // namespace
}  // namespace causeway::crypto
