#include "check/strongswan_offer.hpp"

#include <algorithm>

namespace causeway::check {

// build_i() of sa/ikev1/tasks/quick_mode.c of 5.9.8: where any proposal has a group, the group of Phase 1 is taken if some
// proposal has it, else the first one of all. What does not have the group is left out, proposals without any as well. Of
// each proposal the first algorithms go out, as ever with IKEv1.
std::vector<config::Phase2Proposal> strongswan_offer(std::span<const config::Phase2Proposal> proposals,
                                                     std::optional<crypto::GroupId> phase1) {
    const auto first = std::ranges::find_if(proposals, [](const auto& one) { return one.pfs.has_value(); });
    auto group = first != proposals.end() ? first->pfs : std::nullopt;
    if (group && phase1 &&
        std::ranges::any_of(proposals, [&](const auto& one) { return one.pfs == phase1; })) {
        group = phase1;
    }
    std::vector<config::Phase2Proposal> offer(proposals.begin(), proposals.end());
    // One with ESN alone is strongSwan's as well: then nothing is offered before either.
    const bool libreswan = std::ranges::none_of(proposals, [](const auto& one) { return one.leads; }) &&
                           std::ranges::any_of(proposals, [](const auto& one) { return one.offered; });
    if (libreswan) {
        return offer;
    }
    for (auto& one : offer) {
        one.offered = one.leads && one.pfs == group;
    }
    return offer;
}

}  // namespace causeway::check
