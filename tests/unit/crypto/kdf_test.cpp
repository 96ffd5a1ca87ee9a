#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>

#include "crypto/hash.hpp"
#include "crypto/ikev1_keys.hpp"
#include "vectors.hpp"

namespace causeway::crypto {
namespace {

struct CavsRun {
    std::size_t cases = 0;
    std::map<std::string, std::size_t> classes;
    std::size_t wrong = 0;
};

bool matches(HashId hash, std::map<std::string, std::string>& values) {
    const Bytes gxy = hex(values.at("g^xy"));
    const Bytes cky_i = hex(values.at("CKY_I"));
    const Bytes cky_r = hex(values.at("CKY_R"));
    const Skeyids keys = derive_skeyids(
        hash,
        skeyid_from_psk(hash, hex(values.at("pre-shared-key")), hex(values.at("Ni")), hex(values.at("Nr"))),
        gxy, cky_i, cky_r);
    return shown(keys.skeyid.view()) == values.at("SKEYID") &&
           shown(keys.skeyid_d.view()) == values.at("SKEYID_d") &&
           shown(keys.skeyid_a.view()) == values.at("SKEYID_a") &&
           shown(keys.skeyid_e.view()) == values.at("SKEYID_e");
}

/// The format: "[SHA-1]" and "[name = value]" lines hold for the cases behind them; a case is "name = value"
/// lines from COUNT to SKEYID_e.
CavsRun run_cavs(const std::string& text) {
    static const std::map<std::string, HashId> hashes{{"[SHA-1]", HashId::sha1},
                                                      {"[SHA-256]", HashId::sha2_256},
                                                      {"[SHA-384]", HashId::sha2_384},
                                                      {"[SHA-512]", HashId::sha2_512}};
    CavsRun run;
    std::string hash_name;
    std::map<std::string, std::string> conditions;
    std::map<std::string, std::string> values;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
            line.pop_back();
        }
        const auto equals = line.find(" = ");
        if (hashes.contains(line)) {
            hash_name = line;
        } else if (line.starts_with('[') && equals != std::string::npos) {
            conditions[line.substr(0, equals)] = line.substr(equals);
        } else if (equals != std::string::npos) {
            values[line.substr(0, equals)] = line.substr(equals + 3);
            if (line.starts_with("SKEYID_e")) {
                std::string kind = hash_name;
                for (const auto& [name, value] : conditions) {
                    kind += name + value;
                }
                ++run.classes[kind];
                ++run.cases;
                if (!matches(hashes.at(hash_name), values)) {
                    ++run.wrong;
                    ADD_FAILURE() << kind << ", case " << values["COUNT"];
                }
                values.clear();
            }
        }
    }
    return run;
}

TEST(NistCavs, CasesOfEveryClassMatch) {
    const CavsRun run = run_cavs(read_vectors("kdf/nist-cavs-ikev1-psk.fax"));
    EXPECT_EQ(run.cases, 51u);
    EXPECT_EQ(run.classes.size(), 17u);
    EXPECT_EQ(run.wrong, 0u);

    if (const char* path = std::getenv("CAUSEWAY_CAVS_IKEV1_PSK")) {
        std::ifstream file(path, std::ios::binary);
        ASSERT_TRUE(file) << path;
        const CavsRun all = run_cavs({std::istreambuf_iterator<char>(file), {}});
        std::printf("%s: %zu cases in %zu classes, %zu wrong\n", path, all.cases, all.classes.size(),
                    all.wrong);
        EXPECT_GT(all.cases, 0u);
    }
}

TEST(Ikev1Keys, CutOrExpandTheEncryptionKey) {
    const Bytes skeyid_e = hex("000102030405060708090a0b0c0d0e0f10111213");
    // Long enough: cut.
    EXPECT_EQ(shown(encryption_key(HashId::sha1, skeyid_e, CipherId::aes_cbc_128).view()),
              "000102030405060708090a0b0c0d0e0f");
    // Too short: RFC 2409 App. B; K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1), ...
    const std::string k1 = shown(prf(HashId::sha1, skeyid_e, {Bytes{0}}));
    const std::string k2 = shown(prf(HashId::sha1, skeyid_e, {hex(k1)}));
    EXPECT_EQ(shown(encryption_key(HashId::sha1, skeyid_e, CipherId::aes_cbc_256).view()),
              (k1 + k2).substr(0, 64));
    EXPECT_EQ(shown(encryption_key(HashId::sha1, skeyid_e, CipherId::tdes_cbc).view()),
              (k1 + k2).substr(0, 48));
    // A key of exactly the wanted length is taken as it is.
    EXPECT_EQ(shown(encryption_key(HashId::md5, ByteView(skeyid_e).first(16), CipherId::aes_cbc_128).view()),
              shown(ByteView(skeyid_e).first(16)));
}

TEST(Ikev1Keys, GiveKeymatOfAnyLength) {
    const Bytes key = hex("0102030405060708090a0b0c0d0e0f1011121314");
    const Bytes ni{1, 2, 3};
    const Bytes nr{4, 5};
    const std::string all = shown(keymat(HashId::sha1, key, {}, 3, 0x11223344, ni, nr, 100).view());
    const std::string k1 = shown(prf(HashId::sha1, key, {hex("0311223344"), ni, nr}));
    const std::string k2 = shown(prf(HashId::sha1, key, {hex(k1), hex("0311223344"), ni, nr}));
    EXPECT_EQ(all.substr(0, 80), k1 + k2);
    for (const std::size_t octets : {0u, 1u, 19u, 20u, 21u, 40u, 99u}) {
        EXPECT_EQ(shown(keymat(HashId::sha1, key, {}, 3, 0x11223344, ni, nr, octets).view()),
                  all.substr(0, octets * 2));
    }
    EXPECT_NE(shown(keymat(HashId::sha1, key, ni, 3, 0x11223344, ni, nr, 100).view()), all);
}

}  // namespace
}  // namespace causeway::crypto
