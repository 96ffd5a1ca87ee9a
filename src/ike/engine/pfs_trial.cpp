#include "ike/engine/pfs_trial.hpp"

#include <string>
#include <vector>

#include "base/findings.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike {

std::vector<config::Phase2Proposal> PfsTrial::asked(std::span<const config::Phase2Proposal> proposals) const {
    std::vector<config::Phase2Proposal> otherwise(proposals.begin(), proposals.end());
    for (auto& proposal : otherwise) {
        proposal.pfs = asked_;
    }
    return otherwise;
}

const Finding& PfsTrial::accepted(std::span<const config::Phase2Proposal> proposals, const Place& place) {
    const auto ours = negotiation::offered_pfs(proposals);
    const auto offered =
        field<"offered">(negotiation::list_of(negotiation::offered_with(proposals, ours.back())));
    const auto would =
        field<"otherwise">(negotiation::list_of(negotiation::offered_with(asked(proposals), asked_)));
    const auto where = field<"place">(place.text());
    if (!asked_) {
        learned_ = finding<FindingId::peer_does_no_pfs>(place, offered, would, where);
    } else if (std::ranges::none_of(ours, [](const auto& group) { return group.has_value(); })) {
        learned_ = finding<FindingId::peer_wants_pfs>(place, offered, would, where);
    } else {
        learned_ = finding<FindingId::peer_wants_another_group>(place, offered, would, where);
    }
    return *learned_;
}

}  // namespace causeway::ike
