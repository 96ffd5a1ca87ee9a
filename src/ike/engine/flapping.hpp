// How often a tunnel that was up has gone down of late, and in which rhythm.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {

class Flapping {
 public:
    struct Flaps {
        std::size_t count = 0;
        Duration within{};  ///< from the first to the last
        Duration period{};  ///< between two, on average
    };

    /// Now. Nothing: too seldom to speak of.
    std::optional<Flaps> down(Instant now) {
        std::erase_if(downs_, [&](Instant one) { return one + limits::flaps_within <= now; });
        downs_.push_back(now);
        if (downs_.size() > limits::flaps_remembered) {
            downs_.erase(downs_.begin());
        }
        if (downs_.size() < limits::flaps) {
            return std::nullopt;
        }
        const Duration within = downs_.back() - downs_.front();
        return Flaps{downs_.size(), within, within / (static_cast<Duration::rep>(downs_.size()) - 1)};
    }

 private:
    std::vector<Instant> downs_;
};

}  // namespace causeway::ike
