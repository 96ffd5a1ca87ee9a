#include "config/ipsecconf/suites.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/words.hpp"

namespace causeway::config::ipsecconf {
namespace {

using crypto::CipherId;
using crypto::GroupId;
using crypto::HashId;
using crypto::IntegrityId;

/// One item of a list: algorithms of each kind, in its order. An integrity algorithm has a hash of its own.
struct Suite {
    std::vector<CipherId> ciphers{};
    std::vector<HashId> hashes{};
    std::vector<GroupId> groups{};
};

/// 5.9.8 of Debian 12, with the plugins that its packages load: proposal.c, proposal_add_supported_ike(). The AEAD
/// half is left out: IKEv1 has no AEAD in Phase 1. An initiator sends one suite of it, aes128-sha256-x25519.
const std::vector<Suite>& strongswan_ike() {
    static const std::vector<Suite> suites{
        {{CipherId::aes_cbc_128, CipherId::aes_cbc_192, CipherId::aes_cbc_256, CipherId::tdes_cbc},
         {HashId::sha2_256, HashId::sha2_384, HashId::sha2_512, HashId::sha1},
         {GroupId::x25519, GroupId::ecp256, GroupId::ecp384, GroupId::ecp521, GroupId::modp3072,
          GroupId::modp4096, GroupId::modp2048}}};
    return suites;
}

/// proposal.c, proposal_create_default() and proposal_create_default_aead(): without PFS.
const std::vector<Suite>& strongswan_esp() {
    static const std::vector<Suite> suites{
        {{CipherId::aes_cbc_128, CipherId::aes_cbc_192, CipherId::aes_cbc_256},
         {HashId::sha2_256, HashId::sha2_384, HashId::sha2_512, HashId::sha1},
         {}},
        {{CipherId::aes_gcm16_128, CipherId::aes_gcm16_192, CipherId::aes_gcm16_256}, {}, {}}};
    return suites;
}

/// What `ipsec algparse -v1 ike` and `... esp` of 4.10 print. It says AES without a length: both are taken.
const std::vector<Suite>& libreswan_ike() {
    static const std::vector<Suite> suites{
        {{CipherId::aes_cbc_256, CipherId::aes_cbc_128, CipherId::tdes_cbc},
         {HashId::sha2_256, HashId::sha2_512, HashId::sha1},
         {GroupId::modp2048, GroupId::modp1536}}};
    return suites;
}
const std::vector<Suite>& libreswan_esp() {
    static const std::vector<Suite> suites{
        {{CipherId::aes_cbc_128, CipherId::aes_cbc_256}, {HashId::sha1}, {}}};
    return suites;
}

template <class T>
void add(std::vector<T>& list, T item) {
    if (std::ranges::find(list, item) == list.end()) {
        list.push_back(item);
    }
}

class SuiteReader {
 public:
    SuiteReader(bool esp, SuiteRules rules, const std::string& title, Report& report)
        : esp_(esp), rules_(rules), title_(title), report_(report) {}

    std::optional<Suite> read(const Sourced<std::string>& item) {
        Suite suite;
        bool esn = false;
        bool plain_numbers = false;
        const auto words = split_words(item.value, "-;+");
        if (words.empty()) {
            return leave_out(item, "it is empty");
        }
        for (const auto word : words) {
            if (word == "esn") {
                esn = true;
            } else if (word == "noesn") {
                plain_numbers = true;
            } else if (const auto reason = take(word, suite)) {
                return leave_out(item, *reason);
            }
        }
        if (esn && !plain_numbers) {
            report_.dropped(finding<FindingId::ipsec_suite_with_esn>(
                item.place, field<"value">(printable(item.value, 60)), field<"conn">(title_)));
            return std::nullopt;
        }
        if (const auto reason = missing(suite)) {
            return leave_out(item, *reason);
        }
        return suite;
    }

 private:
    std::optional<Suite> leave_out(const Sourced<std::string>& item, std::string_view reason) {
        report_.dropped(finding<FindingId::ipsec_suite_left_out>(
            item.place, field<"value">(printable(item.value, 60)), field<"option">(esp_ ? "esp" : "ike"),
            field<"conn">(title_), field<"reason">(std::string(reason)),
            field<"example">(esp_ ? "aes256-sha512 or aes256-sha512-modp2048" : "aes256-sha512-modp2048")));
        return std::nullopt;
    }

    /// Why it cannot be had; nothing when it is taken, or says nothing that IKEv1 asks for.
    std::optional<std::string> take(std::string_view word, Suite& suite) {
        if (word.starts_with("prf") || word == "modpnone" || word == "none") {
            return std::nullopt;
        }
        const auto says = [&](std::string_view what) {
            return fmt::format("'{}' {}", printable(word, 40), what);
        };
        if (const auto cipher = crypto::cipher_from_name(word)) {
            if (*cipher == CipherId::des_cbc) {
                return says("is single DES, which protects nothing");
            }
            if (!esp_ && crypto::info(*cipher).is_aead()) {
                return says("does not exist in IKEv1's Phase 1");
            }
            add(suite.ciphers, *cipher);
            return std::nullopt;
        }
        if (const auto hash = hash_of(word)) {
            if (*hash == HashId::md5) {
                return says("is insecure and disabled");
            }
            add(suite.hashes, *hash);
            return std::nullopt;
        }
        if (const auto group = crypto::group_from_name(word)) {
            if (!crypto::info(*group).supported) {
                return says("is a group that is not supported");
            }
            add(suite.groups, *group);
            return std::nullopt;
        }
        return says("is no algorithm that causeway has");
    }

    [[nodiscard]] std::optional<HashId> hash_of(std::string_view word) const {
        if (!esp_) {
            return crypto::hash_from_name(word);
        }
        const auto integrity = crypto::integrity_from_name(word);
        return integrity && *integrity != IntegrityId::none ? std::optional(crypto::info(*integrity).hash)
                                                            : std::nullopt;
    }

    std::optional<std::string> missing(Suite& suite) const {
        if (suite.ciphers.empty()) {
            return "it names no cipher";
        }
        const auto aead = [](CipherId cipher) { return crypto::info(cipher).is_aead(); };
        const auto aeads = static_cast<std::size_t>(std::ranges::count_if(suite.ciphers, aead));
        if (aeads != 0 && aeads != suite.ciphers.size()) {
            return "ciphers with and without an integrity of their own cannot stand in one suite";
        }
        if (aeads != 0) {
            suite.hashes.clear();
        } else if (suite.hashes.empty()) {
            return "it names no hash";
        }
        if (!esp_ && suite.groups.empty()) {
            if (!rules_.libreswan) {
                return "it names no Diffie-Hellman group";
            }
            // ipsec.conf(5), ike: what is not written is every default.
            suite.groups = libreswan_ike().front().groups;
        }
        return std::nullopt;
    }

    bool esp_;
    SuiteRules rules_;
    const std::string& title_;
    Report& report_;
};

/// What is written, each with the place, and the defaults behind it.
struct Written {
    std::vector<Sourced<Suite>> suites{};
};

Written read_all(std::vector<Sourced<std::string>> items, const std::vector<Suite>& defaults, bool esp,
                 SuiteRules rules, const std::string& title, Report& report) {
    Written written;
    bool strict = rules.libreswan;
    if (!items.empty() && items.back().value.ends_with('!')) {
        strict = true;
        items.back().value.pop_back();
    }
    SuiteReader reader(esp, rules, title, report);
    for (const auto& item : items) {
        if (auto suite = reader.read(item)) {
            written.suites.push_back({std::move(*suite), item.place});
        }
    }
    if (items.empty() || !strict) {
        for (const auto& suite : defaults) {
            written.suites.push_back({suite, {}});
        }
    }
    return written;
}

/// Each combination of each suite once; of strongSwan's the first one of a suite is offered, and leads with each group.
template <class Proposal, class Make>
std::vector<Proposal> combinations(const Written& written, SuiteRules rules, Make make) {
    std::vector<Proposal> proposals;
    std::set<std::tuple<CipherId, std::optional<HashId>, std::optional<GroupId>, bool, bool>> known;
    for (const auto& [suite, place] : written.suites) {
        const std::vector<std::optional<HashId>> hashes =
            suite.hashes.empty()
                ? std::vector<std::optional<HashId>>{std::nullopt}
                : std::vector<std::optional<HashId>>(suite.hashes.begin(), suite.hashes.end());
        const std::vector<std::optional<GroupId>> groups =
            suite.groups.empty()
                ? std::vector<std::optional<GroupId>>{std::nullopt}
                : std::vector<std::optional<GroupId>>(suite.groups.begin(), suite.groups.end());
        bool first = true;
        for (const auto cipher : suite.ciphers) {
            for (const auto hash : hashes) {
                for (const auto group : groups) {
                    const bool offered = std::exchange(first, false) || rules.libreswan;
                    const bool leads =
                        cipher == suite.ciphers.front() && hash == hashes.front() && !rules.libreswan;
                    if (known.emplace(cipher, hash, group, offered, leads).second) {
                        proposals.push_back(make(cipher, hash, group, offered, leads, place));
                    }
                }
            }
        }
    }
    return proposals;
}

IntegrityId integrity_of(std::optional<HashId> hash) {
    for (const auto& one : crypto::all_integrities()) {
        if (hash && one.id != IntegrityId::none && one.hash == *hash) {
            return one.id;
        }
    }
    return IntegrityId::none;
}

}  // namespace

std::vector<Phase1Proposal> phase1_of(const std::vector<Sourced<std::string>>& written, SuiteRules rules,
                                      const std::string& title, Report& report) {
    const auto& defaults = rules.libreswan ? libreswan_ike() : strongswan_ike();
    return combinations<Phase1Proposal>(
        read_all(written, defaults, false, rules, title, report), rules,
        [](CipherId cipher, std::optional<HashId> hash, std::optional<GroupId> group, bool offered,
           bool /*leads*/, const Place& place) {
            return Phase1Proposal{cipher, hash.value_or(HashId::sha1), group.value_or(GroupId::modp1024),
                                  offered, place};
        });
}

std::vector<Phase2Proposal> phase2_of(const std::vector<Sourced<std::string>>& written, SuiteRules rules,
                                      const std::string& title, Report& report) {
    const auto& defaults = rules.libreswan ? libreswan_esp() : strongswan_esp();
    return combinations<Phase2Proposal>(
        read_all(written, defaults, true, rules, title, report), rules,
        [](CipherId cipher, std::optional<HashId> hash, std::optional<GroupId> group, bool offered,
           bool leads, const Place& place) {
            return Phase2Proposal{cipher, integrity_of(hash), group, offered, place, leads};
        });
}

}  // namespace causeway::config::ipsecconf
