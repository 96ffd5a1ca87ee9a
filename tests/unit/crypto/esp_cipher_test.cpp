#include "crypto/esp_cipher.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "vectors.hpp"

namespace causeway::crypto {
namespace {

struct Suite {
    CipherId cipher;
    IntegrityId integrity;
    EspEngine engine;
};

const char* word_for(EspEngine engine) {
    switch (engine) {
        case EspEngine::automatic:
            return "automatic";
        case EspEngine::openssl:
            return "openssl";
        default:
            return "ipsec_mb";
    }
}

/// Every one that this program was built with, and the choice between them.
std::vector<EspEngine> all_engines() {
    std::vector<EspEngine> engines(esp_engines().begin(), esp_engines().end());
    engines.push_back(EspEngine::automatic);
    return engines;
}

std::vector<Suite> all_suites() {
    std::vector<Suite> suites;
    for (const CipherInfo& cipher : all_ciphers()) {
        if (cipher.id == CipherId::des_cbc) {
            continue;
        }
        for (const IntegrityInfo& integrity : all_integrities()) {
            if (cipher.is_aead() == (integrity.id == IntegrityId::none)) {
                for (const EspEngine engine : all_engines()) {
                    suites.push_back({cipher.id, integrity.id, engine});
                }
            }
        }
    }
    return suites;
}

std::string name_of(const testing::TestParamInfo<Suite>& suite) {
    return std::string(info(suite.param.cipher).long_name) + "_" +
           std::string(info(suite.param.integrity).long_name) + "_" + word_for(suite.param.engine);
}

Bytes counting(std::size_t size, std::uint8_t first) {
    Bytes octets(size);
    for (std::uint8_t& octet : octets) {
        octet = first++;
    }
    return octets;
}

class EspSuite : public testing::TestWithParam<Suite> {
 protected:
    const CipherInfo& cipher = info(GetParam().cipher);
    const IntegrityInfo& integrity = info(GetParam().integrity);
    const std::size_t icv_octets = cipher.is_aead() ? cipher.icv_octets : integrity.icv_octets;
    const std::size_t text_at = std::size_t{8} + cipher.iv_octets;
    std::unique_ptr<EspCipher> sealer = make(EspUse::seal);
    std::unique_ptr<EspCipher> opener = make(EspUse::open);

    [[nodiscard]] std::unique_ptr<EspCipher> make(EspUse use = EspUse::both) const {
        auto made = make_esp_cipher(cipher.id, integrity.id,
                                    counting(std::size_t{cipher.key_octets} + cipher.salt_octets, 0x40),
                                    counting(integrity.key_octets, 0x80), use, GetParam().engine);
        EXPECT_TRUE(made) << made.error().text();
        return made ? std::move(*made) : nullptr;
    }

    /// A packet with at least `octets` of text, rounded up to what the suite can carry.
    [[nodiscard]] Bytes unsealed(std::size_t octets, std::uint64_t sequence) const {
        const std::size_t unit = cipher.is_aead() ? 4 : cipher.block_octets;
        const std::size_t text = (std::max<std::size_t>(octets, 2) + unit - 1) / unit * unit;
        Bytes packet(text_at + text + icv_octets, 0xee);
        const Bytes header{0xde,
                           0xad,
                           0xbe,
                           0xef,
                           static_cast<std::uint8_t>(sequence >> 24),
                           static_cast<std::uint8_t>(sequence >> 16),
                           static_cast<std::uint8_t>(sequence >> 8),
                           static_cast<std::uint8_t>(sequence)};
        std::copy(header.begin(), header.end(), packet.begin());
        const Bytes plain = counting(text, static_cast<std::uint8_t>(sequence));
        std::copy(plain.begin(), plain.end(), packet.begin() + static_cast<std::ptrdiff_t>(text_at));
        return packet;
    }
    [[nodiscard]] Bytes text_of(const Bytes& packet) const {
        return {packet.begin() + static_cast<std::ptrdiff_t>(text_at),
                packet.end() - static_cast<std::ptrdiff_t>(icv_octets)};
    }
    [[nodiscard]] Bytes sealed(std::size_t octets, std::uint64_t sequence) {
        Bytes packet = unsealed(octets, sequence);
        SealOp op{packet.data(), packet.size(), sequence};
        const auto done = sealer->seal({&op, 1});
        EXPECT_TRUE(done) << done.error().text();
        return packet;
    }
    [[nodiscard]] bool opens(Bytes& packet) {
        OpenOp op{packet.data(), packet.size(), false};
        opener->open({&op, 1});
        return op.ok;
    }
};

TEST_P(EspSuite, OpensWhatItSealed) {
    std::uint64_t sequence = 0;
    for (std::size_t octets = 0; octets <= 1500; octets += octets < 70 ? 1 : 53) {
        const Bytes plain = unsealed(octets, ++sequence);
        Bytes packet = sealed(octets, sequence);
        EXPECT_EQ(Bytes(packet.begin(), packet.begin() + 8), Bytes(plain.begin(), plain.begin() + 8));
        EXPECT_NE(text_of(packet), text_of(plain));
        ASSERT_TRUE(opens(packet)) << octets;
        EXPECT_EQ(text_of(packet), text_of(plain));
    }
}

TEST_P(EspSuite, DoesOnlyWhatItWasMadeFor) {
    Bytes packet = unsealed(100, 1);
    std::array<SealOp, 1> seal{{{packet.data(), packet.size(), 1}}};
    EXPECT_FALSE(opener->seal(seal));
    packet = sealed(100, 1);
    std::array<OpenOp, 1> open{{{packet.data(), packet.size(), true}}};
    sealer->open(open);
    EXPECT_FALSE(open[0].ok);
    EXPECT_TRUE(opens(packet));
}

TEST_P(EspSuite, OneMadeForBothDoesBoth) {
    const auto both = make();
    Bytes packet = unsealed(100, 1);
    std::array<SealOp, 1> seal{{{packet.data(), packet.size(), 1}}};
    ASSERT_TRUE(both->seal(seal));
    std::array<OpenOp, 1> open{{{packet.data(), packet.size(), false}}};
    both->open(open);
    EXPECT_TRUE(open[0].ok);
}

TEST_P(EspSuite, CarriesBatchesOfAnySize) {
    std::uint64_t sequence = 0;
    for (std::size_t size = 1; size <= 64; ++size) {
        std::vector<Bytes> packets;
        std::vector<Bytes> plains;
        std::vector<SealOp> seal;
        for (std::size_t i = 0; i < size; ++i) {
            packets.push_back(unsealed(i * 23, ++sequence));
            plains.push_back(text_of(packets.back()));
        }
        for (std::size_t i = 0; i < size; ++i) {
            seal.push_back({packets[i].data(), packets[i].size(), sequence - size + 1 + i});
        }
        ASSERT_TRUE(sealer->seal(seal));
        // The middle one is spoilt: its neighbours must not suffer.
        packets[size / 2].back() ^= 1;
        std::vector<OpenOp> open;
        for (Bytes& packet : packets) {
            open.push_back({packet.data(), packet.size(), false});
        }
        opener->open(open);
        for (std::size_t i = 0; i < size; ++i) {
            ASSERT_EQ(open[i].ok, i != size / 2) << i << " of " << size;
            if (open[i].ok) {
                ASSERT_EQ(text_of(packets[i]), plains[i]);
            }
        }
    }
}

TEST_P(EspSuite, NoticesAChangeInEveryOctet) {
    const Bytes good = sealed(61, 1);
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const std::uint8_t change : {std::uint8_t{0x01}, std::uint8_t{0x80}}) {
            Bytes packet = good;
            packet[at] ^= change;
            EXPECT_FALSE(opens(packet)) << "octet " << at;
        }
    }
    Bytes untouched = good;
    EXPECT_TRUE(opens(untouched));
}

TEST_P(EspSuite, NoticesAChangeOfLength) {
    const Bytes good = sealed(100, 1);
    for (std::size_t size = 0; size < good.size(); ++size) {
        // The exact size, so that AddressSanitizer sees a step beyond it.
        Bytes packet(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(opens(packet)) << size;
    }
    for (std::size_t more = 1; more <= 32; ++more) {
        Bytes packet = good;
        packet.resize(good.size() + more);
        EXPECT_FALSE(opens(packet)) << more;
    }
    OpenOp nothing;
    nothing.ok = true;
    opener->open({&nothing, 1});
    EXPECT_FALSE(nothing.ok);
}

TEST_P(EspSuite, RefusesToSealWhatHasNoRoom) {
    for (std::size_t size = 0; size <= text_at + icv_octets; ++size) {
        Bytes packet(size);
        SealOp op{packet.data(), packet.size(), 1};
        EXPECT_FALSE(sealer->seal({&op, 1})) << size;
    }
    if (!cipher.is_aead()) {
        Bytes packet(text_at + cipher.block_octets + 1 + icv_octets);
        SealOp op{packet.data(), packet.size(), 1};
        EXPECT_FALSE(sealer->seal({&op, 1}));
    }
}

TEST_P(EspSuite, NeverRepeatsAnIv) {
    std::set<Bytes> seen;
    for (std::uint64_t sequence = 1; sequence <= 200; ++sequence) {
        const Bytes packet = sealed(16, sequence);
        EXPECT_TRUE(seen.insert({packet.begin() + 8, packet.begin() + 8 + cipher.iv_octets}).second);
    }
    if (!cipher.is_aead()) {
        // Another SA has other IVs, even under the same key: they depend on randomness of its own.
        sealer = make();
        for (std::uint64_t sequence = 1; sequence <= 200; ++sequence) {
            const Bytes packet = sealed(16, sequence);
            EXPECT_TRUE(seen.insert({packet.begin() + 8, packet.begin() + 8 + cipher.iv_octets}).second);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, EspSuite, testing::ValuesIn(all_suites()), name_of);

struct GcmCase {
    CipherId cipher;
    const char* key_and_salt;
    const char* header;
    std::uint64_t iv;
    const char* text;
    const char* ciphertext_and_icv;
};

// draft-mcgrew-gcm-test: the cases without extended sequence numbers, for 128 and 256 bits.
constexpr GcmCase gcm_cases[] = {
    {CipherId::aes_gcm16_128, "feffe9928665731c6d6a8f9467308308cafebabe", "0000a5f80000000a",
     0xfacedbaddecaf888,
     "4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d00100000100000000000003736970096379626572636"
     "9"
     "747902646b00000100010001",
     "deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0eec416642cfbb85a"
     "5"
     "b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a"},
    {CipherId::aes_gcm16_256, "abbccddef00112233445566778899aababbccddef00112233445566778899aab11223344",
     "4a2cbfe300000002", 0x0102030405060708,
     "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b4010104020102020"
     "1",
     "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99def842d8"
     "e"
     "b335f4eecfdbf831824b4c4915956c96"},
};

class EspGcm : public testing::TestWithParam<EspEngine> {
 protected:
    static Result<std::unique_ptr<EspCipher>> make(CipherId cipher, const Bytes& key_and_salt) {
        return make_esp_cipher(cipher, IntegrityId::none, key_and_salt, {}, EspUse::both, GetParam());
    }
};

TEST_P(EspGcm, GivesTheKnownAnswersBothWays) {
    for (const GcmCase& known : gcm_cases) {
        const auto cipher = make(known.cipher, hex(known.key_and_salt));
        ASSERT_TRUE(cipher);
        Bytes packet = hex(known.header);
        packet.resize(16);
        append(packet, hex(known.text));
        packet.resize(packet.size() + 16);
        SealOp seal{packet.data(), packet.size(), known.iv};
        ASSERT_TRUE((*cipher)->seal({&seal, 1}));
        EXPECT_EQ(shown(ByteView(packet).subspan(16)), known.ciphertext_and_icv);
        OpenOp open{packet.data(), packet.size(), false};
        (*cipher)->open({&open, 1});
        EXPECT_TRUE(open.ok);
        EXPECT_EQ(shown(ByteView(packet).subspan(16, packet.size() - 32)), known.text);
    }
}

TEST_P(EspGcm, PutsTheWholeSequenceNumberIntoTheIv) {
    const auto cipher = make(CipherId::aes_gcm16_128, Bytes(20));
    ASSERT_TRUE(cipher);
    Bytes packet(8 + 8 + 4 + 16);
    SealOp op{packet.data(), packet.size(), 0x0123456789abcdef};
    ASSERT_TRUE((*cipher)->seal({&op, 1}));
    EXPECT_EQ(to_hex(ByteView(packet).subspan(8, 8)), "0123456789abcdef");
}

TEST_P(EspGcm, RefusesASequenceNumberThatWasUsed) {
    const auto cipher = make(CipherId::aes_gcm16_128, Bytes(20));
    ASSERT_TRUE(cipher);
    Bytes packet(8 + 8 + 4 + 16);
    for (const auto& [sequence, allowed] :
         {std::pair<std::uint64_t, bool>{0, false}, {7, true}, {7, false}, {6, false}, {8, true}}) {
        SealOp op{packet.data(), packet.size(), sequence};
        EXPECT_EQ((*cipher)->seal({&op, 1}).has_value(), allowed) << sequence;
    }
}

INSTANTIATE_TEST_SUITE_P(Engines, EspGcm, testing::ValuesIn(all_engines()),
                         [](const auto& engine) { return word_for(engine.param); });

TEST(EspCipher, RefusesKeysAndPairsThatDoNotFit) {
    const Bytes key(64);
    const ByteView k(key);
    const auto made = [](CipherId cipher, IntegrityId integrity, ByteView encryption,
                         ByteView authentication) {
        return make_esp_cipher(cipher, integrity, encryption, authentication).has_value();
    };
    using C = CipherId;
    using I = IntegrityId;
    EXPECT_TRUE(made(C::aes_cbc_128, I::hmac_sha1_96, k.first(16), k.first(20)));
    EXPECT_FALSE(made(C::aes_cbc_128, I::hmac_sha1_96, k.first(15), k.first(20)));
    EXPECT_FALSE(made(C::aes_cbc_128, I::hmac_sha1_96, k.first(32), k.first(20)));
    EXPECT_FALSE(made(C::aes_cbc_128, I::hmac_sha1_96, k.first(16), k.first(19)));
    EXPECT_FALSE(made(C::aes_cbc_128, I::hmac_sha1_96, {}, {}));
    EXPECT_FALSE(made(C::aes_cbc_128, I::none, k.first(16), {}));
    EXPECT_TRUE(made(C::aes_gcm16_128, I::none, k.first(20), {}));
    EXPECT_FALSE(made(C::aes_gcm16_128, I::none, k.first(16), {}));
    EXPECT_FALSE(made(C::aes_gcm16_128, I::hmac_sha1_96, k.first(20), k.first(20)));
    EXPECT_FALSE(made(C::des_cbc, I::hmac_sha1_96, k.first(8), k.first(20)));
}

}  // namespace
}  // namespace causeway::crypto
