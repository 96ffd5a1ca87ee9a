#include "config/uci/proposals.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/event.hpp"

namespace causeway::config::uci {
namespace {

using crypto::CipherId;
using crypto::GroupId;
using crypto::HashId;
using crypto::IntegrityId;

template <class Infos>
std::string usable_names(const Infos& infos, auto usable) {
    std::string text;
    for (const auto& info : infos) {
        if (usable(info)) {
            text += fmt::format("{}{}", text.empty() ? "" : ", ", info.name);
        }
    }
    return text;
}

/// Reads the algorithms of one proposal section.
class Algorithms {
 public:
    Algorithms(const SectionView& view, Admitted admitted, Report& report)
        : view_(view), admitted_(admitted), report_(report) {}

    std::optional<CipherId> cipher(bool for_esp) {
        const auto name = required("encryption_algorithm");
        if (!name) {
            return std::nullopt;
        }
        const auto cipher = crypto::cipher_from_name(name->value);
        std::string_view why;
        if (!cipher) {
            why = "is not a supported encryption algorithm";
        } else if (*cipher == CipherId::des_cbc) {
            why = "is single DES, which protects nothing and is not supported";
        } else if (!for_esp && crypto::info(*cipher).is_aead()) {
            why = "does not exist in IKEv1's Phase 1";
        } else {
            return cipher;
        }
        unusable(*name, why,
                 "use one of " + usable_names(crypto::all_ciphers(), [&](const crypto::CipherInfo& info) {
                     return info.id != CipherId::des_cbc && (for_esp || !info.is_aead());
                 }));
        return std::nullopt;
    }

    std::optional<HashId> hash(std::string_view option) {
        const auto name = required(option);
        if (!name) {
            return std::nullopt;
        }
        const auto hash = crypto::hash_from_name(name->value);
        if (!hash) {
            unusable(*name, "is not a supported hash", "use one of " + hashes());
            return std::nullopt;
        }
        return admit(*name, *hash) ? hash : std::nullopt;
    }

    /// Integrity of ESP: absent with an AEAD, required without.
    std::optional<IntegrityId> integrity(std::string_view option, CipherId cipher) {
        const auto name = view_.text(option);
        if (crypto::info(cipher).is_aead()) {
            if (name) {
                report_.dropped(
                    Severity::warning, name->place,
                    fmt::format("'{}' of {} beside {}", option, view_.title(), crypto::info(cipher).name),
                    "the cipher protects integrity itself and the hash is left out", "remove the line");
            }
            return IntegrityId::none;
        }
        if (!required(option)) {
            return std::nullopt;
        }
        const auto integrity = crypto::integrity_from_name(name->value);
        if (!integrity || *integrity == IntegrityId::none) {
            unusable(*name, "is not a supported integrity algorithm", "use one of " + hashes());
            return std::nullopt;
        }
        return admit(*name, crypto::info(*integrity).hash) ? integrity : std::nullopt;
    }

    std::optional<GroupId> group() {
        const auto name = required("dh_group");
        return name ? usable_group(*name, view_.title(), report_) : std::nullopt;
    }

    /// Outer nothing: not usable. Inner nothing: without PFS.
    std::optional<std::optional<GroupId>> pfs(std::string_view option) {
        const auto name = view_.text(option);
        if (!name || name->value == "none" || name->value == "nopfs" || name->value == "no" ||
            name->value == "0") {
            return std::optional<GroupId>{};
        }
        const auto group = usable_group(*name, view_.title(), report_);
        return group ? std::optional(group) : std::nullopt;
    }

 private:
    std::optional<Sourced<std::string>> required(std::string_view option) {
        auto value = view_.text(option);
        if (!value) {
            report_.dropped(Severity::warning, view_.place(),
                            fmt::format("{} has no '{}'", view_.title(), option), "the proposal is left out",
                            fmt::format("add 'option {}'", option));
        }
        return value;
    }

    bool admit(const Sourced<std::string>& name, HashId hash) {
        if (hash != HashId::md5 || admitted_.md5) {
            return true;
        }
        unusable(name, "is insecure and disabled",
                 "use sha1 or better, or admit it with 'option allow_md5 1' in the remote");
        return false;
    }

    void unusable(const Sourced<std::string>& name, std::string_view why, std::string remedy) {
        report_.dropped(Severity::warning, name.place, fmt::format("'{}' {}", printable(name.value), why),
                        fmt::format("{} is left out", view_.title()), std::move(remedy));
    }

    static std::string hashes() {
        return usable_names(crypto::all_hashes(),
                            [](const crypto::HashInfo& info) { return info.id != HashId::md5; });
    }

    const SectionView& view_;
    Admitted admitted_;
    Report& report_;
};

/// Calls `read` with the view of each named section that exists.
template <class Read>
void each_proposal(const Document& document, const std::vector<Sourced<std::string>>& names, SectionKind kind,
                   std::string_view owner, Report& report, Read read) {
    for (const auto& name : names) {
        // Whatever its type, as the scripts found it.
        const auto* const found = document.find(name.value);
        if (found == nullptr) {
            report.dropped(Severity::warning, name.place,
                           fmt::format("{} names the proposal '{}', and there is no such section", owner,
                                       printable(name.value)),
                           "the name is left out",
                           fmt::format("add 'config {} {}'", name_of(kind), printable(name.value)));
            continue;
        }
        read(SectionView(*found, kind, 0, report));
    }
}

}  // namespace

std::optional<GroupId> usable_group(const Sourced<std::string>& name, std::string_view title,
                                    Report& report) {
    const auto group = crypto::group_from_name(name.value);
    std::string_view why;
    if (!group) {
        why = "is not a supported Diffie-Hellman group";
    } else if (*group == GroupId::modp768) {
        why = "is the 768-bit group, which is broken and refused";
    } else if (!crypto::info(*group).supported) {
        why = "is a Diffie-Hellman group that is not supported";
    } else {
        return group;
    }
    report.dropped(Severity::warning, name.place, fmt::format("'{}' {}", printable(name.value), why),
                   fmt::format("{} is left out", title),
                   "use one of " + usable_names(crypto::all_groups(), [](const crypto::GroupInfo& info) {
                       return info.supported && info.id != GroupId::modp768;
                   }));
    return std::nullopt;
}

std::vector<Phase1Proposal> phase1_proposals(const Document& document,
                                             const std::vector<Sourced<std::string>>& names, SectionKind kind,
                                             std::string_view owner, Admitted admitted, Report& report) {
    std::vector<Phase1Proposal> proposals;
    each_proposal(document, names, kind, owner, report, [&](const SectionView& view) {
        Algorithms read(view, admitted, report);
        const auto cipher = read.cipher(false);
        if (!cipher) {
            return;  // of an AEAD the missing hash is not the fault
        }
        const auto hash = read.hash("hash_algorithm");
        const auto group = read.group();
        if (hash && group) {
            proposals.push_back({*cipher, *hash, *group, true, view.place()});
        }
    });
    return proposals;
}

std::vector<Phase2Proposal> phase2_proposals(const Document& document,
                                             const std::vector<Sourced<std::string>>& names, SectionKind kind,
                                             std::string_view owner, Admitted admitted, Report& report) {
    const bool old = kind == SectionKind::p2_proposal;
    std::vector<Phase2Proposal> proposals;
    each_proposal(document, names, kind, owner, report, [&](const SectionView& view) {
        Algorithms read(view, admitted, report);
        const auto cipher = read.cipher(true);
        const auto integrity =
            cipher ? read.integrity(old ? "authentication_algorithm" : "hash_algorithm", *cipher)
                   : std::nullopt;
        const auto pfs = read.pfs(old ? "pfs_group" : "dh_group");
        if (cipher && integrity && pfs) {
            proposals.push_back({*cipher, *integrity, *pfs, true, view.place()});
        }
    });
    return proposals;
}

std::vector<Phase1Proposal> default_phase1_proposals() {
    std::vector<Phase1Proposal> proposals;
    for (const auto group : {GroupId::modp2048, GroupId::modp1024}) {
        for (const auto cipher : {CipherId::aes_cbc_256, CipherId::aes_cbc_128}) {
            for (const auto hash : {HashId::sha2_512, HashId::sha2_256, HashId::sha1}) {
                proposals.push_back({cipher, hash, group, true, {}});
            }
        }
    }
    return proposals;
}

std::vector<Phase2Proposal> default_phase2_proposals(std::optional<GroupId> pfs) {
    std::vector<Phase2Proposal> proposals;
    for (const auto cipher : {CipherId::aes_cbc_256, CipherId::aes_cbc_128}) {
        for (const auto integrity :
             {IntegrityId::hmac_sha2_512_256, IntegrityId::hmac_sha2_256_128, IntegrityId::hmac_sha1_96}) {
            proposals.push_back({cipher, integrity, pfs, true, {}});
        }
    }
    return proposals;
}

}  // namespace causeway::config::uci
