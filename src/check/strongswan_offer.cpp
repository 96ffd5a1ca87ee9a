#include "check/strongswan_offer.hpp"

#include <algorithm>

namespace causeway::check {
namespace {

using config::Phase2Proposal;
using Group = std::optional<crypto::GroupId>;

/// Nothing: no proposal has any.
Group group_of(std::span<const Phase2Proposal> proposals, const Group& phase1) {
    const Phase2Proposal* first = nullptr;
    for (const auto& one : proposals) {
        if (one.pfs && phase1 && *one.pfs == *phase1) {
            return phase1;
        }
        if (one.pfs && first == nullptr) {
            first = &one;
        }
    }
    return first != nullptr ? first->pfs : Group{};
}

bool same(const Group& a, const Group& b) {
    return a && b ? *a == *b : !a && !b;
}

}  // namespace

// build_i() of sa/ikev1/tasks/quick_mode.c of 5.9.8: where any proposal has a group, the group of Phase 1 is taken if some
// proposal has it, else the first one of all. What does not have the group is left out, proposals without any as well. Of
// each proposal the first algorithms go out, as ever with IKEv1.
std::vector<Phase2Proposal> strongswan_offer(std::span<const Phase2Proposal> proposals,
                                             std::optional<crypto::GroupId> phase1) {
    std::vector<Phase2Proposal> offer(proposals.begin(), proposals.end());
    // One with ESN alone is strongSwan's as well: then nothing is offered before either.
    const bool libreswan = std::ranges::none_of(proposals, [](const auto& one) { return one.leads; }) &&
                           std::ranges::any_of(proposals, [](const auto& one) { return one.offered; });
    if (libreswan) {
        return offer;
    }
    const Group group = group_of(proposals, phase1);
    for (auto& one : offer) {
        one.offered = one.leads && same(one.pfs, group);
    }
    return offer;
}

}  // namespace causeway::check
