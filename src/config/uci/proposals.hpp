// The proposal sections of a UCI document -> the model's proposals. Says by name why one is not usable.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/uci/section_view.hpp"

namespace causeway::config::uci {

/// What the owner of a proposal admits beyond the safe suites.
struct Admitted {
    bool md5 = false;
};

/// Names of proposal sections, in the order of preference -> Phase 1 proposals. What is not usable is left
/// out with a remark; `owner` is for its words ("remote 'Site2Site'").
std::vector<Phase1Proposal> phase1_proposals(const Document& document,
                                             const std::vector<Sourced<std::string>>& names, SectionKind kind,
                                             std::string_view owner, Admitted admitted, Report& report);

std::vector<Phase2Proposal> phase2_proposals(const Document& document,
                                             const std::vector<Sourced<std::string>>& names, SectionKind kind,
                                             std::string_view owner, Admitted admitted, Report& report);

/// What is offered when the file names no proposal: strongest first, down to what every FRITZ!Box accepts.
std::vector<Phase1Proposal> default_phase1_proposals();
/// `pfs`: the group of the Quick Mode's own exchange.
std::vector<Phase2Proposal> default_phase2_proposals(std::optional<crypto::GroupId> pfs);

/// A group by name or number; not found: a remark and nothing.
std::optional<crypto::GroupId> usable_group(const Sourced<std::string>& name, std::string_view title,
                                            Report& report);

}  // namespace causeway::config::uci
