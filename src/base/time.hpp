// Time as a value. No floor above `host` reads a clock: every function that needs the time is given an
// Instant.
#pragma once

#include <chrono>
#include <cstdint>

namespace causeway {

/// The monotonic time line that `host` (or a test, or the simulator) hands in. It has no now() on purpose.
struct Timeline {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::nanoseconds;
    using time_point = std::chrono::time_point<Timeline>;
    static constexpr bool is_steady = true;
};

using Duration = std::chrono::nanoseconds;
using Instant = std::chrono::time_point<Timeline, Duration>;

inline constexpr double seconds_of(Duration d) {
    return std::chrono::duration<double>(d).count();
}

}  // namespace causeway
