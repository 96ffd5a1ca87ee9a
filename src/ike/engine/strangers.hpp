// Who has called and fits no peer: the last few, by their addresses, for `status`. Anybody can be one of them, so there
// are never many.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "base/finding.hpp"
#include "base/time.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {

class Strangers {
 public:
    struct Stranger {
        IpAddress address;
        Finding why;
        Instant since;  ///< its first call
        Instant last;
        std::uint64_t times = 1;
    };

    void called(const IpAddress& address, const Finding& why, Instant now) {
        Stranger stranger{address, why, now, now};
        if (const auto found = std::ranges::find(strangers_, address, &Stranger::address);
            found != strangers_.end()) {
            stranger.since = found->since;
            stranger.times = found->times + 1;
            strangers_.erase(found);
        }
        strangers_.insert(strangers_.begin(), stranger);
        if (strangers_.size() > limits::strangers_told) {
            strangers_.pop_back();
        }
    }

    /// The newest first.
    [[nodiscard]] const std::vector<Stranger>& all() const { return strangers_; }

 private:
    std::vector<Stranger> strangers_;
};

}  // namespace causeway::ike
