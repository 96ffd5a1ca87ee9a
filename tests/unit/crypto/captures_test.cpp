// Nine captured negotiations, derived again value by value (tests/vectors/README.md).
#include <algorithm>
#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crypto/cbc.hpp"
#include "crypto/esp_cipher.hpp"
#include "crypto/ikev1_keys.hpp"
#include "vectors.hpp"

namespace causeway::crypto {
namespace {

using nlohmann::json;

constexpr std::size_t header_octets = 28;

struct Payload {
    int type = 0;
    Bytes body;
};

/// The payloads of a chain; `octets` is where the last one ends, the padding begins.
struct Chain {
    std::vector<Payload> payloads;
    std::size_t octets = 0;
    bool well_formed = false;

    [[nodiscard]] const Bytes& body_of(int type) const {
        for (const Payload& payload : payloads) {
            if (payload.type == type) {
                return payload.body;
            }
        }
        static const Bytes none;
        return none;
    }
    /// Octets of the first payload with its header: what HASH(n) leaves out.
    [[nodiscard]] std::size_t first_octets() const { return payloads.at(0).body.size() + 4; }
};

Chain chain_of(int first_type, ByteView body) {
    Chain chain;
    int type = first_type;
    while (type != 0) {
        const ByteView rest = body.subspan(chain.octets);
        const std::size_t length = rest.size() < 4 ? 0 : std::size_t{rest[2]} << 8 | rest[3];
        if (length < 4 || length > rest.size()) {
            return chain;
        }
        chain.payloads.push_back({type, to_bytes(rest.subspan(4, length - 4))});
        type = rest[0];
        chain.octets += length;
    }
    chain.well_formed = true;
    return chain;
}

std::uint32_t number(ByteView four_octets) {
    std::uint32_t value = 0;
    for (const std::uint8_t octet : four_octets.first(4)) {
        value = value << 8 | octet;
    }
    return value;
}

/// What the header says, and the body behind it.
struct Message {
    explicit Message(const json& entry) : octets(hex(entry, "message")) {}
    Bytes octets;

    [[nodiscard]] int next_payload() const { return octets.at(16); }
    [[nodiscard]] std::uint32_t id() const { return number(ByteView(octets).subspan(20)); }
    [[nodiscard]] ByteView body() const { return ByteView(octets).subspan(header_octets); }
};

enum PayloadType { sa = 1, key_exchange = 4, identification = 5, hash_payload = 8, nonce = 10, nat_d = 20 };
enum Exchange { main_mode = 2, aggressive = 4, informational = 5, quick_mode = 32 };

/// The Phase 1 of one capture, as one side sees it.
struct Phase1 {
    Phase1(const json& common, const json& side)
        : v(common),
          own(side),
          cipher(cipher_from_name(text(v, "enc")).value()),
          hash(hash_from_name(text(v, "hash")).value()),
          cky_i(hex(v, "cky_i")),
          cky_r(hex(v, "cky_r")),
          gxi(hex(v, "g_xi")),
          gxr(hex(v, "g_xr")),
          sai_b(hex(v, "sai_b")),
          keys(derive_skeyids(hash, skeyid_from_psk(hash, hex(own, "psk_hex"), hex(v, "ni"), hex(v, "nr")),
                              hex(v, "g_xy"), cky_i, cky_r)),
          ka(encryption_key(hash, keys.skeyid_e.view(), cipher)),
          iv0(phase1_iv(hash, gxi, gxr, cipher)) {}

    void expect_keys() const {
        EXPECT_EQ(shown(keys.skeyid.view()), text(own, "skeyid"));
        EXPECT_EQ(shown(keys.skeyid_d.view()), text(own, "skeyid_d"));
        EXPECT_EQ(shown(keys.skeyid_a.view()), text(own, "skeyid_a"));
        EXPECT_EQ(shown(keys.skeyid_e.view()), text(own, "skeyid_e"));
        EXPECT_EQ(shown(ka.view()), text(own, "ka"));
        EXPECT_EQ(shown(iv0), text(v, "iv0"));
    }
    [[nodiscard]] Bytes decrypted(const Message& message, ByteView iv) const {
        const auto plain = cbc_decrypt(cipher, ka.view(), iv, message.body());
        EXPECT_TRUE(plain) << plain.error().text();
        return plain.value_or(Bytes{});
    }
    [[nodiscard]] Bytes hash_of_initiator(ByteView idii_b) const {
        return hash_i(hash, keys.skeyid.view(), gxi, gxr, cky_i, cky_r, sai_b, idii_b);
    }
    [[nodiscard]] Bytes hash_of_responder(ByteView idir_b) const {
        return hash_r(hash, keys.skeyid.view(), gxi, gxr, cky_i, cky_r, sai_b, idir_b);
    }
    [[nodiscard]] Bytes hash_of_informational(std::uint32_t message_id, const Chain& chain,
                                              ByteView plain) const {
        const std::size_t first = chain.first_octets();
        return hash_1(hash, keys.skeyid_a.view(), message_id, plain.subspan(first, chain.octets - first));
    }

    const json& v;
    const json& own;
    CipherId cipher;
    HashId hash;
    Bytes cky_i;
    Bytes cky_r;
    Bytes gxi;
    Bytes gxr;
    Bytes sai_b;
    Skeyids keys;
    Secret ka;
    Bytes iv0;
};

/// What a Quick Mode has said so far.
struct Quick {
    Bytes ni;
    Bytes nr;
    int hashes = 0;
};

class Capture : public testing::TestWithParam<const char*> {
 protected:
    const json v = read_json("ikev1-captures/" + std::string(GetParam()) + "/vectors.json");
    const Phase1 phase1{v, v};
    std::map<std::uint32_t, Quick> quicks;
    int informationals = 0;

    void expect_quick_hash(const json& entry, const Message& message, const Chain& chain, ByteView plain) {
        Quick& quick = quicks[message.id()];
        const ByteView skeyid_a = phase1.keys.skeyid_a.view();
        const ByteView rest = plain.subspan(chain.first_octets(), chain.octets - chain.first_octets());
        Bytes expected;
        if (chain.payloads.size() == 1) {
            expected = hash_3(phase1.hash, skeyid_a, message.id(), quick.ni, quick.nr);
        } else if (text(entry, "from") == "I") {  // moon began all Quick Modes
            quick.ni = chain.body_of(nonce);
            expected = hash_1(phase1.hash, skeyid_a, message.id(), rest);
        } else {
            quick.nr = chain.body_of(nonce);
            expected = hash_2(phase1.hash, skeyid_a, message.id(), quick.ni, rest);
        }
        ++quick.hashes;
        EXPECT_EQ(shown(chain.body_of(hash_payload)), shown(expected));
    }

    /// HASH_I or HASH_R, whichever the message carries.
    void expect_phase1_hash(const json& entry, const Chain& chain) const {
        const bool from_initiator = text(entry, "from") == "I";
        const Bytes& received = chain.body_of(hash_payload);
        // The initiator's ID travels in Aggressive Mode's first message, the hash in the third.
        const Bytes id = hex(v, from_initiator ? "id_i" : "id_r");
        if (!chain.body_of(identification).empty()) {
            EXPECT_EQ(shown(chain.body_of(identification)), shown(id));
        }
        EXPECT_EQ(shown(received),
                  shown(from_initiator ? phase1.hash_of_initiator(id) : phase1.hash_of_responder(id)));
        EXPECT_EQ(shown(received), text(v, from_initiator ? "hash_i" : "hash_r"));
    }
};

TEST_P(Capture, KeysFollowFromThePsk) {
    phase1.expect_keys();
    const auto group = group_from_name(text(v, "group"));
    ASSERT_TRUE(group);
    EXPECT_EQ(info(*group).public_octets, phase1.gxi.size());
    EXPECT_EQ(info(*group).secret_octets, hex(v, "g_xy").size());
}

TEST_P(Capture, EveryMessageOpensWithItsIvAndHash) {
    std::map<std::uint32_t, Bytes> next_iv{{0, phase1.iv0}};
    Bytes last_phase1_block = phase1.iv0;
    int phase1_hashes = 0;
    for (const json& entry : v.at("messages")) {
        const Message message(entry);
        SCOPED_TRACE("message " + text(entry, "msgid") + " from " + text(entry, "from"));
        Bytes plain = to_bytes(message.body());
        if (entry.at("encrypted")) {
            if (!next_iv.contains(message.id())) {
                next_iv[message.id()] =
                    phase2_iv(phase1.hash, last_phase1_block, message.id(), phase1.cipher);
            }
            Bytes& iv = next_iv[message.id()];
            EXPECT_EQ(shown(iv), text(entry, "iv"));
            plain = phase1.decrypted(message, iv);
            EXPECT_EQ(shown(plain), text(entry, "plain"));
            const auto again = cbc_encrypt(phase1.cipher, phase1.ka.view(), iv, plain);
            ASSERT_TRUE(again);
            EXPECT_EQ(shown(*again), shown(message.body()));
            iv = to_bytes(message.body().last(info(phase1.cipher).block_octets));
            if (message.id() == 0) {
                last_phase1_block = iv;
            }
        }
        const Chain chain = chain_of(message.next_payload(), plain);
        ASSERT_TRUE(chain.well_formed);
        std::vector<int> types;
        for (const Payload& payload : chain.payloads) {
            types.push_back(payload.type);
        }
        EXPECT_EQ(types, entry.at("payloads").get<std::vector<int>>());
        const int exchange = entry.at("exchange");
        if (exchange == quick_mode) {
            expect_quick_hash(entry, message, chain, plain);
        } else if (exchange == informational) {
            ++informationals;
            EXPECT_EQ(shown(chain.body_of(hash_payload)),
                      shown(phase1.hash_of_informational(message.id(), chain, plain)));
        } else if (!chain.body_of(hash_payload).empty()) {
            ++phase1_hashes;
            expect_phase1_hash(entry, chain);
        }
    }
    EXPECT_EQ(phase1_hashes, 2);
    EXPECT_GT(informationals, 0);
    EXPECT_FALSE(quicks.empty());
    const bool refused = v.at("quick").empty();
    for (const auto& [id, quick] : quicks) {
        EXPECT_EQ(quick.hashes, refused ? 1 : 3);
    }
}

TEST_P(Capture, NatDetectionOfTheRealAddressIsAmongTheHashes) {
    // charon with kernel-libipsec sends one hash of its own address that is wrong on purpose, and a right one
    // of the other's: moon is 192.168.0.1, sun 192.168.0.2.
    for (const json& entry : v.at("messages")) {
        const Message message(entry);
        const Chain chain =
            entry.at("encrypted") ? Chain{} : chain_of(message.next_payload(), message.body());
        std::vector<std::string> hashes;
        for (const Payload& payload : chain.payloads) {
            if (payload.type == nat_d) {
                hashes.push_back(shown(payload.body));
            }
        }
        if (hashes.empty()) {
            continue;
        }
        const Bytes address{192, 168, 0, static_cast<std::uint8_t>(text(entry, "from") == "I" ? 2 : 1)};
        EXPECT_EQ(hashes.at(0), shown(nat_d_hash(phase1.hash, phase1.cky_i, phase1.cky_r, address, 500)));
        return;
    }
    FAIL() << "no NAT-D in clear";
}

/// Those whose Quick Modes were finished.
class CaptureWithEsp : public Capture {};

TEST_P(CaptureWithEsp, KeymatsFollowInBothDirections) {
    EXPECT_EQ(v.at("quick").size(), 2u);
    for (const json& quick : v.at("quick")) {
        const Bytes gxy = hex(quick, "g_xy_qm");
        EXPECT_EQ(gxy.empty(), !quick.at("pfs").get<bool>());
        const auto made = [&](const char* spi, const char* expected) {
            const std::size_t octets = hex(quick, expected).size();
            const Secret keys = keymat(phase1.hash, phase1.keys.skeyid_d.view(), gxy, 3,
                                       number(hex(quick, spi)), hex(quick, "ni"), hex(quick, "nr"), octets);
            EXPECT_EQ(shown(keys.view()), text(quick, expected));
            EXPECT_GT(octets, 0u);
        };
        made("spi_r", "keymat_i2r");
        made("spi_i", "keymat_r2i");
    }
}

TEST_P(CaptureWithEsp, EveryEspPacketOpens) {
    const CipherId cipher = cipher_from_name(text(v, "esp_cipher")).value();
    const IntegrityId integrity = integrity_from_name(text(v, "esp_integrity")).value();
    const std::size_t key_octets = std::size_t{info(cipher).key_octets} + info(cipher).salt_octets;
    const std::size_t icv_octets =
        info(cipher).is_aead() ? info(cipher).icv_octets : info(integrity).icv_octets;
    const std::size_t text_at = std::size_t{8} + info(cipher).iv_octets;

    std::map<std::string, std::unique_ptr<EspCipher>> by_spi;
    for (const json& quick : v.at("quick")) {
        EXPECT_EQ(quick.at("enc_key_len").get<std::size_t>(), key_octets);
        for (const auto& [spi, keys] : {std::pair{"spi_r", "keymat_i2r"}, {"spi_i", "keymat_r2i"}}) {
            const Bytes keymat = hex(quick, keys);
            ASSERT_EQ(keymat.size(), key_octets + info(integrity).key_octets);
            auto made = make_esp_cipher(cipher, integrity, ByteView(keymat).first(key_octets),
                                        ByteView(keymat).subspan(key_octets));
            ASSERT_TRUE(made) << made.error().text();
            by_spi[quick.at(spi)] = std::move(*made);
        }
    }

    const json packets = read_json("ikev1-captures/" + std::string(GetParam()) + "/esp.json");
    EXPECT_EQ(packets.size(), 16u);
    for (const json& entry : packets) {
        Bytes packet = hex(entry, "packet");
        EXPECT_EQ(number(ByteView(packet).subspan(4)), entry.at("seq").get<std::uint32_t>());
        OpenOp op{packet.data(), packet.size(), false};
        by_spi.at(entry.at("spi"))->open({&op, 1});
        ASSERT_TRUE(op.ok) << entry.at("spi") << " " << entry.at("seq");
        // RFC 4303 2.4: padding 1, 2, 3, ..., its length, next header 4 (IPv4).
        const Bytes payload(packet.begin() + static_cast<std::ptrdiff_t>(text_at),
                            packet.end() - static_cast<std::ptrdiff_t>(icv_octets));
        EXPECT_EQ(payload.back(), 4);
        const std::size_t padding = payload.at(payload.size() - 2);
        ASSERT_LE(padding + 2, payload.size());
        const std::size_t inner_octets = payload.size() - 2 - padding;
        for (std::size_t i = 0; i < padding; ++i) {
            EXPECT_EQ(payload[inner_octets + i], i + 1);
        }
        EXPECT_EQ(shown(ByteView(payload).first(inner_octets)), text(entry, "inner"));
    }
}

constexpr std::array with_esp{"main-aes256-sha1-modp1024-pfs",  "aggr-aes256-sha1-modp1024",
                              "main-3des-md5-modp1024-nopfs",   "main-aes128-sha256-modp2048-gcm",
                              "main-aes128-sha256-x25519",      "main-aes192-sha384-ecp256",
                              "main-aes256-sha512-modp3072-pfs"};

std::string name_of(const testing::TestParamInfo<const char*>& capture) {
    std::string name = capture.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Full, Capture, testing::ValuesIn(with_esp), name_of);
INSTANTIATE_TEST_SUITE_P(Full, CaptureWithEsp, testing::ValuesIn(with_esp), name_of);
INSTANTIATE_TEST_SUITE_P(Refused, Capture, testing::Values("main-x25519-quickmode-no-proposal"), name_of);

TEST(CaptureWithTwoPsks, EachSideReadsOnlyItsOwnMessages) {
    const json v = read_json("ikev1-captures/main-wrong-psk/vectors.json");
    for (const char* side : {"initiator", "responder"}) {
        SCOPED_TRACE(side);
        const Phase1 phase1(v, v.at(side));
        phase1.expect_keys();
        int readable = 0;
        for (const json& entry : v.at(side).at("messages")) {
            const Message message(entry);
            // Neither side finished Phase 1: what it has frozen is the first IV (RFC 2409 App. B).
            const Bytes iv = message.id() == 0
                                 ? phase1.iv0
                                 : phase2_iv(phase1.hash, phase1.iv0, message.id(), phase1.cipher);
            EXPECT_EQ(shown(iv), text(entry, "iv"));
            const Bytes plain = phase1.decrypted(message, iv);
            EXPECT_EQ(shown(plain), text(entry, "plain"));
            const Chain chain = chain_of(message.next_payload(), plain);
            bool valid = chain.well_formed;
            if (valid) {
                const Bytes expected = message.id() == 0
                                           ? phase1.hash_of_initiator(chain.body_of(identification))
                                           : phase1.hash_of_informational(message.id(), chain, plain);
                valid = equal(chain.body_of(hash_payload), expected);
            }
            EXPECT_EQ(valid, entry.at("valid").get<bool>());
            EXPECT_EQ(valid, text(entry, "from") == (phase1.own == v.at("initiator") ? "I" : "R"));
            readable += valid ? 1 : 0;
        }
        EXPECT_GT(readable, 0);
        EXPECT_LT(readable, static_cast<int>(v.at(side).at("messages").size()));
    }
}

}  // namespace
}  // namespace causeway::crypto
