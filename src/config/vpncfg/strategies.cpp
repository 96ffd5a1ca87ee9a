#include "config/vpncfg/strategies.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/words.hpp"

namespace causeway::config::vpncfg {
namespace {

using crypto::CipherId;
using crypto::GroupId;
using crypto::HashId;
using crypto::IntegrityId;
using enum Certainty;

// Sources. AVM-KB: AVM's knowledge base of 2021, as quoted in a public issue: AES-256/192/128, 3DES, DES;
// SHA2-512, SHA1, MD5; group 2 at first, groups 1, 5, 14 and 15 accepted. Palo: a public text on Palo Alto
// and FRITZ!Box that explains the names. AccSrv: the manual of AVM's Access Server, whose notation the box
// inherited. Files: the name stands in published files and its parts explain themselves.
constexpr std::string_view avm_kb = "AVM-KB";
constexpr std::string_view palo = "Palo";
constexpr std::string_view acc_srv = "AccSrv";
constexpr std::string_view files = "files";

constexpr Ciphers any_aes = with_aes256 | with_aes192 | with_aes128;
constexpr Ciphers any_cipher = any_aes | with_3des | with_des;
constexpr Hashes any_hash = with_sha512 | with_sha1 | with_md5;

constexpr Phase1Strategy phase1_table[] = {
    {"all/all/all", any_cipher, any_hash, GroupId::modp1024, true, stated, avm_kb},
    // "def" is group 1 in the Access Server, which is refused here; the box accepts group 2 as well.
    {"def/all/all", any_cipher, any_hash, GroupId::modp1024, true, inferred, palo},
    {"alt/all/all", any_cipher, any_hash, GroupId::modp1024, true, inferred, palo},
    {"def/all-no-aes/all", with_3des | with_des, any_hash, GroupId::modp1024, true, inferred, palo},
    {"alt/all-no-aes/all", with_3des | with_des, any_hash, GroupId::modp1024, true, inferred, palo},
    {"alt/aes-3des/sha", with_aes256 | with_3des, with_sha1, GroupId::modp1024, false, stated, palo},
    {"alt/aes/sha", any_aes, with_sha1, GroupId::modp1024, false, inferred, palo},
    {"def/aes/sha", any_aes, with_sha1, GroupId::modp1024, true, inferred, acc_srv},
    {"def/3des/sha", with_3des, with_sha1, GroupId::modp1024, true, stated, palo},
    {"alt/3des/sha", with_3des, with_sha1, GroupId::modp1024, false, inferred, acc_srv},
    {"dh14/aes/sha", any_aes, with_sha1, GroupId::modp2048, false, inferred, files},
    {"dh5/aes/sha", any_aes, with_sha1, GroupId::modp1536, false, recalled, "none"},
    {"dh15/aes/sha", any_aes, with_sha1, GroupId::modp3072, false, recalled, "none"},
};

constexpr Phase2Strategy phase2_table[] = {
    {"esp-all-all/ah-none/comp-all/pfs", any_cipher, any_hash, AhPart::none, true, stated, avm_kb},
    {"esp-all-all/ah-none/comp-all/no-pfs", any_cipher, any_hash, AhPart::none, false, stated, avm_kb},
    {"esp-all-all/ah-all/comp-all/pfs", any_cipher, any_hash, AhPart::optional, true, stated, palo},
    {"esp-all-all/ah-all/comp-all/no-pfs", any_cipher, any_hash, AhPart::optional, false, stated, palo},
    {"esp-aes-sha/ah-sha/comp-lzjh/pfs", any_aes, with_sha1, AhPart::required, true, stated, palo},
    {"esp-aes-sha/ah-all/comp-lzjh-no/pfs", any_aes, with_sha1, AhPart::optional, true, stated, palo},
    {"esp-aes-sha/ah-no/comp-lzjh/pfs", any_aes, with_sha1, AhPart::none, true, stated, palo},
    {"esp-3des-md5/ah-no/comp-lzjh/pfs", with_3des, with_md5, AhPart::none, true, stated, palo},
    {"esp-3des-sha/ah-no/comp-no/no-pfs", with_3des, with_sha1, AhPart::none, false, stated, palo},
    {"esp-3des-sha/ah-no/comp-no/pfs", with_3des, with_sha1, AhPart::none, true, inferred, palo},
    // Printed with an l at the end, surely a misprint of the names above.
    {"esp-3des-shal/ah-no/comp-no/pfs", with_3des, with_sha1, AhPart::none, true, inferred, palo},
    {"esp-3des-shal/ah-no/comp-deflate/no-pfs", with_3des, with_sha1, AhPart::none, false, inferred, palo},
    {"esp-3des-sha/ah-no/comp-deflate/no-pfs", with_3des, with_sha1, AhPart::none, false, inferred, palo},
    {"esp-aes256-3des-sha/ah-all-sha/comp-lzs-no/pfs", with_aes256 | with_3des, with_sha1, AhPart::optional,
     true, stated, palo},
    {"esp-aes256-3des-sha/ah-no/comp-lzs-no/pfs", with_aes256 | with_3des, with_sha1, AhPart::none, true,
     stated, palo},
    {"esp-des|3des-all/ah-all/comp-all/pfs", with_3des | with_des, with_sha1 | with_md5, AhPart::optional,
     true, stated, palo},
    {"esp-des|3des-all/ah-all/comp-all/no-pfs", with_3des | with_des, with_sha1 | with_md5, AhPart::optional,
     false, stated, palo},
    {"esp-des|3des-all/ah-all/comp-no/pfs", with_3des | with_des, with_sha1 | with_md5, AhPart::optional,
     true, stated, palo},
    {"esp-des|3des-all/ah-all/comp-no/no-pfs", with_3des | with_des, with_sha1 | with_md5, AhPart::optional,
     false, stated, palo},
};

// Preference: the combinations reported to work come first; SHA2-512 and AES-256 before the rest.
constexpr std::pair<Ciphers, CipherId> cipher_order[] = {{with_aes256, CipherId::aes_cbc_256},
                                                         {with_aes192, CipherId::aes_cbc_192},
                                                         {with_aes128, CipherId::aes_cbc_128},
                                                         {with_3des, CipherId::tdes_cbc}};

struct HashRow {
    Hashes bit;
    HashId hash;
    IntegrityId integrity;
};
constexpr HashRow hash_order[] = {{with_sha512, HashId::sha2_512, IntegrityId::hmac_sha2_512_256},
                                  {with_sha1, HashId::sha1, IntegrityId::hmac_sha1_96},
                                  {with_md5, HashId::md5, IntegrityId::hmac_md5_96}};

// AVM-KB: what the box accepts besides group 2. Group 1 is left out: it is broken.
constexpr std::array accepted_groups{GroupId::modp1024, GroupId::modp1536, GroupId::modp2048,
                                     GroupId::modp3072};

/// Calls `make(cipher, hash row)` in the order of preference.
template <class Make>
void each_suite(Ciphers ciphers, Hashes hashes, bool admit_md5, Make make) {
    for (const auto& [cipher_bit, cipher] : cipher_order) {
        for (const auto& row : hash_order) {
            if ((ciphers & cipher_bit) != 0 && (hashes & row.bit) != 0 &&
                (row.bit != with_md5 || admit_md5)) {
                make(cipher, row);
            }
        }
    }
}

}  // namespace

std::string_view name_of(Certainty certainty) {
    switch (certainty) {
        case stated:
            return "stated";
        case inferred:
            return "inferred";
        case recalled:
            return "recalled";
    }
    return "";
}

std::span<const Phase1Strategy> phase1_strategies() {
    return phase1_table;
}
std::span<const Phase2Strategy> phase2_strategies() {
    return phase2_table;
}

NamedStrategy split_lifetime(std::string_view name) {
    constexpr std::uint32_t default_seconds = 3600;
    const auto slash = name.find('/');
    if (name.starts_with("LT") && slash != std::string_view::npos) {
        if (const auto lifetime = parse_duration(name.substr(2, slash - 2));
            lifetime && *lifetime >= std::chrono::minutes(1) && *lifetime <= std::chrono::hours(24 * 365)) {
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*lifetime).count();
            return {name.substr(slash + 1), static_cast<std::uint32_t>(seconds), true};
        }
    }
    return {name, default_seconds, false};
}

const Phase1Strategy* find_phase1(std::string_view name) {
    const auto* found = std::ranges::find(phase1_table, name, &Phase1Strategy::name);
    return found != std::end(phase1_table) ? found : nullptr;
}

const Phase2Strategy* find_phase2(std::string_view name) {
    const auto* found = std::ranges::find(phase2_table, name, &Phase2Strategy::name);
    return found != std::end(phase2_table) ? found : nullptr;
}

const Phase1Strategy& widest_phase1() {
    return phase1_table[0];
}

const Phase2Strategy& widest_phase2(std::string_view unknown_name) {
    return unknown_name.ends_with("/no-pfs") ? phase2_table[1] : phase2_table[0];
}

std::vector<Phase1Proposal> proposals(const Phase1Strategy& strategy, bool admit_md5, const Place& place) {
    std::vector<Phase1Proposal> proposals;
    each_suite(strategy.ciphers, strategy.hashes, admit_md5, [&](CipherId cipher, const HashRow& row) {
        proposals.push_back({cipher, row.hash, strategy.offered, true, place});
    });
    if (strategy.other_groups) {
        // Behind all that is offered, so that the order of the offer is the order of the list.
        for (const auto group : accepted_groups) {
            if (group != strategy.offered) {
                each_suite(strategy.ciphers, strategy.hashes, admit_md5,
                           [&](CipherId cipher, const HashRow& row) {
                               proposals.push_back({cipher, row.hash, group, false, place});
                           });
            }
        }
    }
    return proposals;
}

std::vector<Phase2Proposal> proposals(const Phase2Strategy& strategy, bool admit_md5, const Place& place) {
    std::vector<Phase2Proposal> proposals;
    const auto add = [&](std::optional<GroupId> pfs, bool offered) {
        each_suite(strategy.ciphers, strategy.hashes, admit_md5, [&](CipherId cipher, const HashRow& row) {
            proposals.push_back({cipher, row.integrity, pfs, offered, place});
        });
    };
    if (!strategy.pfs) {
        add(std::nullopt, true);
        return proposals;
    }
    // Which group the box uses for PFS is unknown: group 2 is what connects, the peer's choice is accepted.
    for (const auto group : accepted_groups) {
        add(group, group == GroupId::modp1024);
        if (group == accepted_groups[0]) {
            proposals.reserve(std::size(accepted_groups) * proposals.size());
        }
    }
    return proposals;
}

}  // namespace causeway::config::vpncfg
