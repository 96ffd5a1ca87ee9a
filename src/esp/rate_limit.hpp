// A token bucket: so many at once, so many a second. Time is handed in.
#pragma once

#include <algorithm>
#include <optional>

#include "base/time.hpp"

namespace causeway::esp {

class RateLimit {
 public:
    RateLimit(double burst, double per_second) : burst_(burst), per_second_(per_second), tokens_(burst) {}

    /// True when one more is allowed now.
    bool allow(Instant now) {
        if (last_ && now > *last_) {
            tokens_ = std::min(burst_, tokens_ + seconds_of(now - *last_) * per_second_);
        }
        if (!last_ || now > *last_) {
            last_ = now;
        }
        if (tokens_ < 1) {
            return false;
        }
        tokens_ -= 1;
        return true;
    }

 private:
    double burst_;
    double per_second_;
    double tokens_;
    std::optional<Instant> last_;
};

}  // namespace causeway::esp
