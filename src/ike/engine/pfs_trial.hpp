// What a peer is asked that refuses our proposals for a tunnel and does not say why: the same proposals with other PFS.
// Whether it would accept them tells whether PFS is the reason (RFC 2409 5.5: the group is agreed on outside the
// transforms, so one exchange can ask for one only). What it accepts is not used.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/finding.hpp"
#include "base/occasional.hpp"
#include "base/place.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "crypto/algorithm.hpp"
#include "ike/limits.hpp"
#include "negotiation/phase2.hpp"

namespace causeway::ike {

class PfsTrial {
 public:
    /// What to ask next: none where we want some, then groups that peers commonly want, Phase 1's first. `ours`: what
    /// has been refused. Nothing: no more is to be learned.
    std::optional<negotiation::PfsGroup> next(std::span<const negotiation::PfsGroup> ours,
                                              crypto::GroupId phase1, Instant now) {
        begun_ = begun_.value_or(now);
        const std::array<negotiation::PfsGroup, 4> asked{std::nullopt, phase1, crypto::GroupId::modp2048,
                                                         crypto::GroupId::modp1024};
        while (!learned_ && turn_ < asked.size()) {
            const auto one = asked.begin() + turn_++;
            if (std::find(ours.begin(), ours.end(), *one) == ours.end() &&
                std::find(asked.begin(), one, *one) == one) {
                asked_ = *one;
                return asked_;
            }
        }
        return std::nullopt;
    }
    /// Asked long ago: the peer may have been mended, or have another fault by now.
    [[nodiscard]] bool is_stale(Instant now) const {
        return begun_ && *begun_ + limits::pfs_trial_stays <= now;
    }
    void forget() { *this = {}; }
    /// `proposals` with what next() said last.
    [[nodiscard]] std::vector<config::Phase2Proposal> asked(
        std::span<const config::Phase2Proposal> proposals) const;
    /// It would have accepted what was asked last in place of `proposals`. What that means.
    const Finding& accepted(std::span<const config::Phase2Proposal> proposals, const Place& place);
    [[nodiscard]] const Occasional<Finding>& learned() const { return learned_; }

 private:
    OptionalInstant begun_;
    std::size_t turn_ = 0;
    negotiation::PfsGroup asked_;
    Occasional<Finding> learned_;
};

}  // namespace causeway::ike
