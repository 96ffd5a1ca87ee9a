#include "config/uci/proposals.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"

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

/// Of whichever row says why the algorithm `name` is not used.
template <FindingId id>
Finding refused(const Sourced<std::string>& name, std::string_view title, std::string usable) {
    return finding<id>(name.place, field<"value">(printable(name.value)),
                       field<"section">(std::string(title)), field<"usable">(std::move(usable)));
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
        const auto usable = [&] {
            return usable_names(crypto::all_ciphers(), [&](const crypto::CipherInfo& info) {
                return info.id != CipherId::des_cbc && (for_esp || !info.is_aead());
            });
        };
        if (!cipher) {
            refuse<FindingId::cipher_unknown>(*name, usable());
        } else if (*cipher == CipherId::des_cbc) {
            refuse<FindingId::cipher_is_des>(*name, usable());
        } else if (!for_esp && crypto::info(*cipher).is_aead()) {
            refuse<FindingId::cipher_is_aead>(*name, usable());
        } else {
            return cipher;
        }
        return std::nullopt;
    }

    std::optional<HashId> hash(std::string_view option) {
        const auto name = required(option);
        if (!name) {
            return std::nullopt;
        }
        const auto hash = crypto::hash_from_name(name->value);
        if (!hash) {
            refuse<FindingId::hash_unknown>(*name, hashes());
            return std::nullopt;
        }
        return admit(*name, *hash) ? hash : std::nullopt;
    }

    /// Integrity of ESP: absent with an AEAD, required without.
    std::optional<IntegrityId> integrity(std::string_view option, CipherId cipher) {
        const auto name = view_.text(option);
        if (crypto::info(cipher).is_aead()) {
            if (name) {
                report_.dropped(finding<FindingId::hash_beside_aead>(
                    std::vector{name->place, view_.place("encryption_algorithm")},
                    field<"option">(std::string(option)), field<"section">(view_.title()),
                    field<"cipher">(std::string(crypto::info(cipher).name))));
            }
            return IntegrityId::none;
        }
        if (!required(option)) {
            return std::nullopt;
        }
        const auto integrity = crypto::integrity_from_name(name->value);
        if (!integrity || *integrity == IntegrityId::none) {
            refuse<FindingId::integrity_unknown>(*name, hashes());
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
            report_.dropped(finding<FindingId::algorithm_missing>(
                view_.place(), field<"section">(view_.title()), field<"option">(std::string(option))));
        }
        return value;
    }

    bool admit(const Sourced<std::string>& name, HashId hash) {
        if (hash != HashId::md5 || admitted_.md5) {
            return true;
        }
        report_.dropped(finding<FindingId::hash_is_md5>(name.place, field<"value">(printable(name.value)),
                                                        field<"section">(view_.title())));
        return false;
    }

    template <FindingId id>
    void refuse(const Sourced<std::string>& name, std::string usable) {
        report_.dropped(refused<id>(name, view_.title(), std::move(usable)));
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
            report.dropped(finding<FindingId::proposal_section_missing>(
                name.place, field<"section">(std::string(owner)), field<"name">(printable(name.value)),
                field<"type">(std::string(name_of(kind)))));
            continue;
        }
        read(SectionView(*found, kind, 0, report));
    }
}

}  // namespace

std::optional<GroupId> usable_group(const Sourced<std::string>& name, std::string_view title,
                                    Report& report) {
    const auto group = crypto::group_from_name(name.value);
    const auto usable = [] {
        return usable_names(crypto::all_groups(), [](const crypto::GroupInfo& info) {
            return info.supported && info.id != GroupId::modp768;
        });
    };
    if (!group) {
        report.dropped(refused<FindingId::group_unknown>(name, title, usable()));
    } else if (*group == GroupId::modp768) {
        report.dropped(refused<FindingId::group_is_broken>(name, title, usable()));
    } else if (!crypto::info(*group).supported) {
        report.dropped(refused<FindingId::group_unsupported>(name, title, usable()));
    } else {
        return group;
    }
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
