#include "config/strongswan/proposals.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/findings.hpp"
#include "config/words.hpp"

namespace causeway::config::strongswan {
namespace {

using crypto::CipherId;
using crypto::GroupId;
using crypto::HashId;
using crypto::IntegrityId;

enum class Kind { cipher, integrity, prf, group, no_group, esn, no_esn };

/// A keyword of proposal_keywords_static.txt of 5.9.8. `ours`: the word that crypto/algorithm knows it by; empty:
/// strongSwan knows the algorithm and causeway does not.
struct Keyword {
    std::string_view word;
    Kind kind;
    std::string_view ours = {};
};

constexpr std::array keywords{
    Keyword{"3des", Kind::cipher, "3des"},
    Keyword{"aes", Kind::cipher, "aes128"},
    Keyword{"aes128", Kind::cipher, "aes128"},
    Keyword{"aes192", Kind::cipher, "aes192"},
    Keyword{"aes256", Kind::cipher, "aes256"},
    Keyword{"aes128gcm", Kind::cipher, "aes128gcm16"},
    Keyword{"aes128gcm16", Kind::cipher, "aes128gcm16"},
    Keyword{"aes128gcm128", Kind::cipher, "aes128gcm16"},
    Keyword{"aes192gcm", Kind::cipher, "aes192gcm16"},
    Keyword{"aes192gcm16", Kind::cipher, "aes192gcm16"},
    Keyword{"aes192gcm128", Kind::cipher, "aes192gcm16"},
    Keyword{"aes256gcm", Kind::cipher, "aes256gcm16"},
    Keyword{"aes256gcm16", Kind::cipher, "aes256gcm16"},
    Keyword{"aes256gcm128", Kind::cipher, "aes256gcm16"},
    Keyword{"md5", Kind::integrity, "md5"},
    Keyword{"sha", Kind::integrity, "sha1"},
    Keyword{"sha1", Kind::integrity, "sha1"},
    Keyword{"sha256", Kind::integrity, "sha256"},
    Keyword{"sha2_256", Kind::integrity, "sha256"},
    Keyword{"sha384", Kind::integrity, "sha384"},
    Keyword{"sha2_384", Kind::integrity, "sha384"},
    Keyword{"sha512", Kind::integrity, "sha512"},
    Keyword{"sha2_512", Kind::integrity, "sha512"},
    Keyword{"sha1_160", Kind::integrity},
    Keyword{"sha256_96", Kind::integrity},
    Keyword{"sha2_256_96", Kind::integrity},
    Keyword{"md5_128", Kind::integrity},
    Keyword{"aesxcbc", Kind::integrity},
    Keyword{"camelliaxcbc", Kind::integrity},
    Keyword{"aescmac", Kind::integrity},
    Keyword{"prfmd5", Kind::prf, "md5"},
    Keyword{"prfsha1", Kind::prf, "sha1"},
    Keyword{"prfsha256", Kind::prf, "sha256"},
    Keyword{"prfsha384", Kind::prf, "sha384"},
    Keyword{"prfsha512", Kind::prf, "sha512"},
    Keyword{"prfaesxcbc", Kind::prf},
    Keyword{"prfcamelliaxcbc", Kind::prf},
    Keyword{"prfaescmac", Kind::prf},
    Keyword{"none", Kind::no_group},
    Keyword{"modpnone", Kind::no_group},
    Keyword{"modp1024", Kind::group, "modp1024"},
    Keyword{"modp1536", Kind::group, "modp1536"},
    Keyword{"modp2048", Kind::group, "modp2048"},
    Keyword{"modp3072", Kind::group, "modp3072"},
    Keyword{"modp4096", Kind::group, "modp4096"},
    Keyword{"ecp256", Kind::group, "ecp256"},
    Keyword{"ecp384", Kind::group, "ecp384"},
    Keyword{"ecp521", Kind::group, "ecp521"},
    Keyword{"curve25519", Kind::group, "x25519"},
    Keyword{"x25519", Kind::group, "x25519"},
    Keyword{"modpnull", Kind::group},
    Keyword{"modp768", Kind::group},
    Keyword{"modp6144", Kind::group},
    Keyword{"modp8192", Kind::group},
    Keyword{"modp1024s160", Kind::group},
    Keyword{"modp2048s224", Kind::group},
    Keyword{"modp2048s256", Kind::group},
    Keyword{"ecp192", Kind::group},
    Keyword{"ecp224", Kind::group},
    Keyword{"ecp224bp", Kind::group},
    Keyword{"ecp256bp", Kind::group},
    Keyword{"ecp384bp", Kind::group},
    Keyword{"ecp512bp", Kind::group},
    Keyword{"curve448", Kind::group},
    Keyword{"x448", Kind::group},
    Keyword{"ntru112", Kind::group},
    Keyword{"ntru128", Kind::group},
    Keyword{"ntru192", Kind::group},
    Keyword{"ntru256", Kind::group},
    Keyword{"newhope128", Kind::group},
    Keyword{"esn", Kind::esn},
    Keyword{"noesn", Kind::no_esn},
};

/// The ciphers of the same list that causeway does not have, by how their words begin.
constexpr std::string_view other_ciphers[] = {"null",      "des",        "blowfish",   "camellia",
                                              "cast128",   "serpent",    "twofish",    "chacha20poly1305",
                                              "aes128ctr", "aes192ctr",  "aes256ctr",  "aes128ccm",
                                              "aes192ccm", "aes256ccm",  "aes128gcm",  "aes192gcm",
                                              "aes256gcm", "aes128gmac", "aes192gmac", "aes256gmac"};

std::optional<Keyword> keyword(std::string_view word) {
    const auto* const known = std::ranges::find(keywords, word, &Keyword::word);
    if (known != keywords.end()) {
        return *known;
    }
    if (std::ranges::any_of(other_ciphers, [&](std::string_view start) { return word.starts_with(start); })) {
        return Keyword{word, Kind::cipher};
    }
    return std::nullopt;
}

/// One proposal, its algorithms by kind. Nothing in a list: an algorithm that is not known here.
struct Parts {
    std::vector<std::optional<CipherId>> ciphers;
    std::vector<std::optional<IntegrityId>> integrities;
    std::vector<std::optional<HashId>> prfs;
    std::vector<std::optional<GroupId>> groups;  ///< outer nothing as above
    bool no_group = false;                       ///< "none" is among the groups
    bool esn = false;
    bool no_esn = false;
};

/// A group as a Phase 2 proposal has it.
using Pfs = std::optional<GroupId>;

std::vector<std::string_view> keywords_of(std::string_view proposal) {
    return split_words(proposal, "-");
}

class ListReader {
 public:
    ListReader(const Owner& owner, Report& report, bool ike) : owner_(owner), report_(report), ike_(ike) {}

    /// Nothing when strongSwan does not take it.
    std::optional<Parts> parts(const Sourced<std::string>& proposal) {
        Parts parts;
        for (const auto word : keywords_of(proposal.value)) {
            const auto known = keyword(word);
            if (!known) {
                say<FindingId::keyword_unknown>(proposal.place, printable(word, 40));
                return std::nullopt;
            }
            add(parts, *known, proposal.place);
        }
        const auto* const lacking = missing(parts);
        if (lacking != nullptr) {
            report_.dropped(finding<FindingId::strongswan_proposal_incomplete>(
                proposal.place, field<"value">(printable(proposal.value, 80)), field<"lacking">(lacking),
                field<"option">(owner_.option), field<"section">(owner_.title)));
            return std::nullopt;
        }
        return parts;
    }

    template <FindingId id>
    void say(const Place& place, std::string value) {
        report_.dropped(finding<id>(place, field<"value">(std::move(value)), field<"option">(owner_.option),
                                    field<"section">(owner_.title)));
    }

 private:
    void add(Parts& parts, const Keyword& known, const Place& place) {
        const auto left_out = [&](bool is_known) {
            if (!is_known) {
                say<FindingId::keyword_not_supported>(place, std::string(known.word));
            }
        };
        switch (known.kind) {
            case Kind::cipher:
                parts.ciphers.push_back(crypto::cipher_from_name(known.ours));
                left_out(parts.ciphers.back().has_value());
                break;
            case Kind::integrity:
                parts.integrities.push_back(crypto::integrity_from_name(known.ours));
                left_out(parts.integrities.back().has_value());
                break;
            case Kind::prf:
                parts.prfs.push_back(crypto::hash_from_name(known.ours));
                break;
            case Kind::group:
                parts.groups.push_back(crypto::group_from_name(known.ours));
                left_out(parts.groups.back().has_value());
                break;
            case Kind::no_group:
                parts.no_group = true;
                break;
            case Kind::esn:
                parts.esn = true;
                break;
            case Kind::no_esn:
                parts.no_esn = true;
                break;
        }
    }

    [[nodiscard]] static bool is_aead(const Parts& parts) {
        return !parts.ciphers.empty() && std::ranges::all_of(parts.ciphers, [](const auto& cipher) {
            return cipher && crypto::info(*cipher).is_aead();
        });
    }

    /// check_proposal() of proposal.c.
    [[nodiscard]] const char* missing(const Parts& parts) const {
        if (parts.ciphers.empty()) {
            return "an encryption algorithm";
        }
        if (ike_ && parts.groups.empty()) {
            return "a Diffie-Hellman group";
        }
        const bool unknown =
            std::ranges::any_of(parts.ciphers, [](const auto& cipher) { return !cipher.has_value(); });
        const bool some_aead = std::ranges::any_of(
            parts.ciphers, [](const auto& cipher) { return cipher && crypto::info(*cipher).is_aead(); });
        if (some_aead && !unknown && !is_aead(parts)) {
            return "ciphers of one kind, either with or without integrity of their own";
        }
        // Of a cipher that is not known here it is not known either whether it has its own.
        return ike_ && parts.integrities.empty() && parts.prfs.empty() && !is_aead(parts) && !unknown
                   ? "an integrity algorithm"
                   : nullptr;
    }

    const Owner& owner_;
    Report& report_;
    bool ike_;
};

/// Each combination, the one of the first of each kind first: that one is offered. With each group the first one
/// leads.
template <class Add>
void combinations(const Parts& parts, const std::vector<std::optional<Pfs>>& groups, const Add& add) {
    bool offered = true;
    const bool aead =
        !parts.ciphers.empty() && parts.ciphers.front() && crypto::info(*parts.ciphers.front()).is_aead();
    const auto integrities =
        aead || parts.integrities.empty() ? std::vector{std::optional(IntegrityId::none)} : parts.integrities;
    for (const auto& group : groups) {
        bool leads = true;
        for (const auto& cipher : parts.ciphers) {
            for (const auto& integrity : integrities) {
                if (cipher && integrity && group) {
                    add(*cipher, *integrity, *group, offered, leads);
                }
                offered = leads = false;
            }
        }
    }
}

std::vector<std::optional<Pfs>> groups_of(const Parts& parts) {
    std::vector<std::optional<Pfs>> groups;
    for (const auto& group : parts.groups) {
        groups.push_back(group ? std::optional<Pfs>(*group) : std::nullopt);
    }
    if (parts.no_group || groups.empty()) {
        groups.emplace_back(Pfs{});
    }
    return groups;
}

/// In IKEv1 the PRF is that of the hash: one that is written must agree with it (add_to_proposal_v1_ike()).
bool prf_agrees(const Parts& parts, HashId hash) {
    return parts.prfs.empty() || std::ranges::find(parts.prfs, std::optional(hash)) != parts.prfs.end();
}

template <class Proposal>
void append(std::vector<Proposal>& to, std::vector<Proposal> more) {
    to.insert(to.end(), more.begin(), more.end());
}

bool is_default(std::string_view word) {
    constexpr std::string_view wanted = "default";
    return std::ranges::equal(word, wanted,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

Proposals<Phase1Proposal> ike_proposals(const std::vector<Sourced<std::string>>& words, const Owner& owner,
                                        Report& report) {
    Proposals<Phase1Proposal> read;
    ListReader reader(owner, report, true);
    for (const auto& word : words) {
        if (is_default(word.value)) {
            append(read.usable, default_ike_proposals(word.place));
            continue;
        }
        const auto parts = reader.parts(word);
        if (!parts) {
            read.refused = true;
            continue;
        }
        bool aead = false;
        combinations(*parts, groups_of(*parts),
                     [&](CipherId cipher, IntegrityId integrity, const Pfs& group, bool offered, bool) {
                         aead = aead || crypto::info(cipher).is_aead();
                         const auto hash = crypto::info(integrity).hash;
                         if (group && integrity != IntegrityId::none && !crypto::info(cipher).is_aead() &&
                             prf_agrees(*parts, hash)) {
                             read.usable.push_back({cipher, hash, *group, offered, word.place});
                         }
                     });
        if (aead) {
            reader.say<FindingId::aead_in_phase1>(word.place, printable(word.value, 80));
        }
    }
    return read;
}

Proposals<Phase2Proposal> esp_proposals(const std::vector<Sourced<std::string>>& words, const Owner& owner,
                                        Report& report) {
    Proposals<Phase2Proposal> read;
    ListReader reader(owner, report, false);
    for (const auto& word : words) {
        if (is_default(word.value)) {
            append(read.usable, default_esp_proposals(EspOrder::cbc_first, word.place));
            continue;
        }
        const auto parts = reader.parts(word);
        if (!parts) {
            read.refused = true;
            continue;
        }
        if (parts->esn && !parts->no_esn) {
            reader.say<FindingId::esn_alone>(word.place, printable(word.value, 80));
            continue;
        }
        if (parts->integrities.empty() && parts->ciphers.front() &&
            !crypto::info(*parts->ciphers.front()).is_aead()) {
            reader.say<FindingId::esp_without_integrity>(word.place, printable(word.value, 80));
            continue;
        }
        if (parts->esn) {
            // set_from_proposal_v1(): as initiator charon then asks for ESN, and does not say that it could do without.
            reader.say<FindingId::esn_offered>(word.place, printable(word.value, 80));
        }
        combinations(
            *parts, groups_of(*parts),
            [&](CipherId cipher, IntegrityId integrity, const Pfs& group, bool offered, bool leads) {
                const bool aead = crypto::info(cipher).is_aead();
                if (aead || integrity != IntegrityId::none) {
                    read.usable.push_back({cipher, aead ? IntegrityId::none : integrity, group,
                                           offered && !parts->esn, word.place, leads && !parts->esn});
                }
            });
    }
    return read;
}

// Of the list for IKE these are left out: AES-CTR, Camellia, AES-XCBC, AES-CMAC, the AEADs (IKEv1 has no numbers for
// them), Brainpool curves, curve448, NTRU, New Hope, modp6144 and modp8192. Their order is that of proposal.c's rounds;
// within a round it is that of the plugins that are loaded, which no configuration shows. With Debian 12's 5.9.8 the
// one suite that goes out is aes128-sha256-x25519; with 6.0.1 it is aes128-sha256-ecp256.
std::vector<Phase1Proposal> default_ike_proposals(const Place& place) {
    std::vector<Phase1Proposal> proposals;
    for (const auto group : {GroupId::x25519, GroupId::ecp256, GroupId::ecp384, GroupId::ecp521,
                             GroupId::modp3072, GroupId::modp4096, GroupId::modp2048}) {
        for (const auto cipher :
             {CipherId::aes_cbc_128, CipherId::aes_cbc_192, CipherId::aes_cbc_256, CipherId::tdes_cbc}) {
            for (const auto hash : {HashId::sha2_256, HashId::sha2_384, HashId::sha2_512, HashId::sha1}) {
                proposals.push_back({cipher, hash, group, proposals.empty(), place});
            }
        }
    }
    return proposals;
}

// AES-XCBC is left out. IKEv1 offers the first of each list.
std::vector<Phase2Proposal> default_esp_proposals(EspOrder order, const Place& place) {
    std::vector<Phase2Proposal> aead;
    for (const auto cipher : {CipherId::aes_gcm16_128, CipherId::aes_gcm16_192, CipherId::aes_gcm16_256}) {
        aead.push_back({cipher, IntegrityId::none, std::nullopt, aead.empty(), place, aead.empty()});
    }
    std::vector<Phase2Proposal> cbc;
    for (const auto cipher : {CipherId::aes_cbc_128, CipherId::aes_cbc_192, CipherId::aes_cbc_256}) {
        for (const auto integrity : {IntegrityId::hmac_sha2_256_128, IntegrityId::hmac_sha2_384_192,
                                     IntegrityId::hmac_sha2_512_256, IntegrityId::hmac_sha1_96}) {
            cbc.push_back({cipher, integrity, std::nullopt, cbc.empty(), place, cbc.empty()});
        }
    }
    auto& first = order == EspOrder::aead_first ? aead : cbc;
    append(first, order == EspOrder::aead_first ? std::move(cbc) : std::move(aead));
    return std::move(first);
}

}  // namespace causeway::config::strongswan
