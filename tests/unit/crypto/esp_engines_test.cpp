// The libraries behind crypto/esp_cipher.hpp against each other, in batches: what one seals the other opens; and
// which of them is chosen.
#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crypto/esp_cipher.hpp"

namespace causeway::crypto {
namespace {

constexpr std::size_t largest_batch = 128;

bool built_with_ipsec_mb() {
    return std::ranges::count(esp_engines(), EspEngine::ipsec_mb) != 0;
}

struct Suite {
    CipherId cipher;
    IntegrityId integrity;

    [[nodiscard]] std::unique_ptr<EspCipher> make(EspEngine engine, EspUse use = EspUse::both) const {
        const Bytes key(std::size_t{info(cipher).key_octets} + info(cipher).salt_octets, 0x5a);
        const Bytes integrity_key(info(integrity).key_octets, 0xa5);
        auto made = make_esp_cipher(cipher, integrity, key, integrity_key, use, engine);
        EXPECT_TRUE(made) << made.error().text();
        return made ? std::move(*made) : nullptr;
    }
    [[nodiscard]] std::size_t icv_octets() const {
        return info(cipher).is_aead() ? info(cipher).icv_octets : info(integrity).icv_octets;
    }
    [[nodiscard]] std::size_t text_at() const { return std::size_t{8} + info(cipher).iv_octets; }
};

constexpr Suite sha1{CipherId::aes_cbc_128, IntegrityId::hmac_sha1_96};
constexpr Suite gcm{CipherId::aes_gcm16_128, IntegrityId::none};

/// Packets with texts of many lengths and contents, sealed and opened as one batch.
class Batch {
 public:
    Batch(const Suite& suite, std::size_t size, std::size_t shortest, std::size_t longest,
          std::uint64_t first = 1)
        : suite_(suite), first_(first) {
        const std::size_t unit = info(suite.cipher).is_aead() ? 4 : info(suite.cipher).block_octets;
        for (std::size_t i = 0; i < size; ++i) {
            const std::size_t octets = shortest + (i * 389 + size * 31) % (longest - shortest + 1);
            const std::size_t text = (octets + 2 + unit - 1) / unit * unit;
            Bytes packet(suite.text_at() + text + suite.icv_octets());
            for (std::size_t at = 0; at < packet.size(); ++at) {
                packet[at] = static_cast<std::uint8_t>(at * 7 + i);
            }
            packets.push_back(std::move(packet));
        }
        plain = texts();
    }
    Result<void> seal(EspCipher& cipher) {
        std::vector<SealOp> ops;
        for (Bytes& packet : packets) {
            ops.push_back({packet.data(), packet.size(), first_ + ops.size()});
        }
        return cipher.seal(ops);
    }
    std::vector<bool> open(EspCipher& cipher) {
        std::vector<OpenOp> ops;
        for (Bytes& packet : packets) {
            ops.push_back({packet.data(), packet.size(), true});
        }
        cipher.open(ops);
        std::vector<bool> verdicts;
        for (const OpenOp& op : ops) {
            verdicts.push_back(op.ok);
        }
        return verdicts;
    }
    [[nodiscard]] Bytes text_of(std::size_t i) const {
        const auto from = static_cast<std::ptrdiff_t>(suite_.text_at());
        return {packets[i].begin() + from,
                packets[i].end() - static_cast<std::ptrdiff_t>(suite_.icv_octets())};
    }
    [[nodiscard]] std::vector<Bytes> texts() const {
        std::vector<Bytes> all;
        for (std::size_t i = 0; i < packets.size(); ++i) {
            all.push_back(text_of(i));
        }
        return all;
    }

    std::vector<Bytes> packets;
    std::vector<Bytes> plain;

 private:
    Suite suite_;
    std::uint64_t first_;
};

/// In a thread of its own, which has seen no packet yet.
template <class Work>
void in_new_thread(Work work) {
    std::thread(work).join();
}

std::vector<Suite> all_suites() {
    std::vector<Suite> suites{{CipherId::tdes_cbc, IntegrityId::hmac_sha1_96}};
    for (const CipherInfo& cipher : all_ciphers()) {
        for (const IntegrityInfo& integrity : all_integrities()) {
            if (cipher.id >= CipherId::aes_cbc_128 &&
                cipher.is_aead() == (integrity.id == IntegrityId::none)) {
                suites.push_back({cipher.id, integrity.id});
            }
        }
    }
    return suites;
}

class EspEngines : public testing::TestWithParam<Suite> {
 protected:
    /// Who else can be asked, beside OpenSSL.
    static std::vector<EspEngine> others() {
        std::vector<EspEngine> engines{EspEngine::automatic};
        if (built_with_ipsec_mb()) {
            engines.push_back(EspEngine::ipsec_mb);
        }
        return engines;
    }
};

TEST_P(EspEngines, OpenWhatTheOtherSealed) {
    const Suite& suite = GetParam();
    for (const EspEngine other : others()) {
        for (const auto& [sealing, opening] :
             {std::pair{EspEngine::openssl, other}, std::pair{other, EspEngine::openssl}}) {
            const auto sealer = suite.make(sealing, EspUse::seal);
            const auto opener = suite.make(opening, EspUse::open);
            std::uint64_t sequence = 1;
            for (std::size_t size = 1; size <= largest_batch; size += size < 34 || size > 125 ? 1 : 7) {
                Batch batch(suite, size, 0, 1500, sequence);
                sequence += size;
                ASSERT_TRUE(batch.seal(*sealer));
                ASSERT_EQ(batch.open(*opener), std::vector<bool>(size, true)) << size;
                ASSERT_EQ(batch.texts(), batch.plain) << size;
            }
        }
    }
}

TEST_P(EspEngines, FindTheOneThatIsSpoiltAndLeaveNothingOfIt) {
    const Suite& suite = GetParam();
    for (const EspEngine engine : others()) {
        const auto cipher = suite.make(engine);
        Batch sealed(suite, 35, 0, 300);
        ASSERT_TRUE(sealed.seal(*cipher));
        for (std::size_t spoilt = 0; spoilt < 35; ++spoilt) {
            Batch batch = sealed;
            Bytes& packet = batch.packets[spoilt];
            packet[packet.size() - 1 - spoilt % suite.icv_octets()] ^= 0x10;
            std::vector<bool> verdicts(35, true);
            verdicts[spoilt] = false;
            ASSERT_EQ(batch.open(*cipher), verdicts);
            for (std::size_t i = 0; i < 35; ++i) {
                ASSERT_EQ(batch.text_of(i) == batch.plain[i], i != spoilt) << i << " for " << spoilt;
            }
        }
    }
}

TEST_P(EspEngines, OpenTheGoodAmongTheBad) {
    const Suite& suite = GetParam();
    for (const EspEngine engine : others()) {
        const auto cipher = suite.make(engine);
        Batch batch(suite, 60, 0, 900);
        ASSERT_TRUE(batch.seal(*cipher));
        std::vector<bool> good(60, true);
        for (std::size_t i = 0; i < 60; ++i) {
            Bytes& packet = batch.packets[i];
            if (i % 5 == 1) {  // another number than the one that was authenticated
                packet[7] ^= 1;
            } else if (i % 5 == 2) {
                packet.resize(i);
            } else if (i % 5 == 3) {
                packet.resize(packet.size() - 1);
            }
            good[i] = i % 5 == 0 || i % 5 == 4;
        }
        ASSERT_EQ(batch.open(*cipher), good);
        for (std::size_t i = 0; i < 60; ++i) {
            if (good[i]) {
                EXPECT_EQ(batch.text_of(i), batch.plain[i]);
            }
        }
    }
}

TEST_P(EspEngines, SealUpToTheFirstThatHasNoRoom) {
    const Suite& suite = GetParam();
    for (const EspEngine engine : others()) {
        const auto sealer = suite.make(engine);
        Batch batch(suite, 40, 0, 900);
        batch.packets[23].resize(suite.text_at() + suite.icv_octets());
        const std::vector<Bytes> before = batch.packets;
        EXPECT_FALSE(batch.seal(*sealer));
        std::vector<bool> sealed(40, false);
        std::fill_n(sealed.begin(), 23, true);
        ASSERT_EQ(batch.open(*suite.make(EspEngine::openssl)), sealed);
        EXPECT_EQ(batch.packets[23], before[23]);
    }
}

std::string name_of(const testing::TestParamInfo<Suite>& suite) {
    return std::string(info(suite.param.cipher).long_name) + "_" +
           std::string(info(suite.param.integrity).long_name);
}

INSTANTIATE_TEST_SUITE_P(All, EspEngines, testing::ValuesIn(all_suites()), name_of);

/// Who sealed, and who opened, a batch that was sealed.
std::pair<EspEngine, EspEngine> engines_of(EspCipher& cipher, Batch batch) {
    EXPECT_TRUE(batch.seal(cipher));
    const EspEngine sealing = cipher.last_engine();
    EXPECT_EQ(batch.open(cipher), std::vector<bool>(batch.packets.size(), true));
    return {sealing, cipher.last_engine()};
}

TEST(EspEngine, IsOpensslUntilABatchIsLarge) {
    in_new_thread([] {
        const std::pair openssl{EspEngine::openssl, EspEngine::openssl};
        const std::pair large =
            built_with_ipsec_mb() ? std::pair{EspEngine::ipsec_mb, EspEngine::ipsec_mb} : openssl;
        const auto cipher = sha1.make(EspEngine::automatic);
        EXPECT_EQ(engines_of(*cipher, Batch(sha1, 15, 1400, 1400)), openssl);
        EXPECT_EQ(engines_of(*cipher, Batch(sha1, 64, 1400, 1400)), large);
        EXPECT_EQ(engines_of(*cipher, Batch(sha1, 7, 1400, 1400)), large);
        EXPECT_EQ(engines_of(*cipher, Batch(sha1, 1, 1400, 1400)), openssl);
        const auto another = gcm.make(EspEngine::automatic);
        EXPECT_EQ(engines_of(*another, Batch(gcm, 1, 1400, 1400)), large);
        const auto openssls = sha1.make(EspEngine::openssl);
        EXPECT_EQ(engines_of(*openssls, Batch(sha1, 64, 1400, 1400)), openssl);
    });
}

// A lane is busy as long as the longest packet: short ones beside one long one gain nothing.
TEST(EspEngine, IsOpensslForOneLongPacketAmongShortOnes) {
    const auto cipher = sha1.make(EspEngine::automatic);
    Batch batch(sha1, 16, 20, 20);
    static_cast<void>(engines_of(*cipher, batch));
    batch.packets[5].resize(sha1.text_at() + 1600 + sha1.icv_octets());
    EXPECT_EQ(engines_of(*cipher, batch), (std::pair{EspEngine::openssl, EspEngine::openssl}));
}

TEST(EspEngine, TakesWhatIsTooLongForLanes) {
    for (const EspEngine engine : esp_engines()) {
        const auto cipher = sha1.make(engine);
        Batch batch(sha1, 12, 65500, 66000);
        ASSERT_TRUE(batch.seal(*cipher));
        EXPECT_EQ(batch.open(*cipher), std::vector<bool>(12, true));
        EXPECT_EQ(batch.texts(), batch.plain);
    }
}

TEST(EspEngine, LetsNoNumberBeSealedTwiceByTwoLibraries) {
    in_new_thread([] {
        const auto cipher = gcm.make(EspEngine::automatic, EspUse::seal);
        ASSERT_TRUE(Batch(gcm, 3, 100, 100, 1).seal(*cipher));
        ASSERT_EQ(cipher->last_engine(), EspEngine::openssl);
        EXPECT_FALSE(Batch(gcm, 16, 100, 100, 3).seal(*cipher));
        EXPECT_TRUE(Batch(gcm, 16, 100, 100, 4).seal(*cipher));
        ASSERT_EQ(cipher->last_engine(), built_with_ipsec_mb() ? EspEngine::ipsec_mb : EspEngine::openssl);
        in_new_thread([&] {
            EXPECT_FALSE(Batch(gcm, 1, 100, 100, 19).seal(*cipher));
            ASSERT_EQ(cipher->last_engine(), EspEngine::openssl);
            EXPECT_TRUE(Batch(gcm, 1, 100, 100, 20).seal(*cipher));
            EXPECT_FALSE(Batch(gcm, 2, 100, 100, 20).seal(*cipher));
        });
        EXPECT_FALSE(Batch(gcm, 9, 100, 100, 20).seal(*cipher));
        EXPECT_TRUE(Batch(gcm, 9, 100, 100, 21).seal(*cipher));
    });
}

TEST(EspEngine, IsToldInWords) {
    const auto cipher = sha1.make(esp_engines().back());
    const EspEngineFacts facts = esp_engine_facts();
    EXPECT_TRUE(facts.library.starts_with("OpenSSL ")) << facts.library;
    if (built_with_ipsec_mb()) {
        EXPECT_TRUE(facts.multi_buffer.starts_with("ipsec-mb ")) << facts.multi_buffer;
        EXPECT_NE(facts.multi_buffer.find(", "), std::string::npos) << facts.multi_buffer;
    } else {
        EXPECT_EQ(facts.multi_buffer, "");
        EXPECT_FALSE(make_esp_cipher(sha1.cipher, sha1.integrity, Bytes(16), Bytes(20), EspUse::both,
                                     EspEngine::ipsec_mb));
    }
}

}  // namespace
}  // namespace causeway::crypto
