// Time as a value. No floor above `host` reads a clock: every function that needs the time is given an
// Instant.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>

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

/// An optional Instant in the room of one, for what there are thousands of. The earliest value of the time line stands for
/// nothing; no clock shows it, and nothing comes before every instant, as with an optional.
class OptionalInstant {
 public:
    constexpr OptionalInstant() = default;
    constexpr OptionalInstant(std::nullopt_t) {}                 // NOLINT(google-explicit-constructor)
    constexpr OptionalInstant(Instant value) : value_(value) {}  // NOLINT(google-explicit-constructor)
    constexpr OptionalInstant(std::optional<Instant> value)      // NOLINT(google-explicit-constructor)
        : value_(value.value_or(nothing)) {}

    [[nodiscard]] constexpr bool has_value() const { return value_ != nothing; }
    constexpr explicit operator bool() const { return has_value(); }
    constexpr Instant operator*() const { return value_; }
    [[nodiscard]] constexpr Instant value_or(Instant other) const { return has_value() ? value_ : other; }
    constexpr void reset() { value_ = nothing; }
    constexpr operator std::optional<Instant>() const {  // NOLINT(google-explicit-constructor)
        return has_value() ? std::optional(value_) : std::nullopt;
    }

    friend constexpr auto operator<=>(OptionalInstant, OptionalInstant) = default;

 private:
    static constexpr Instant nothing = Instant::min();

    Instant value_ = nothing;
};

inline constexpr double seconds_of(Duration d) {
    return std::chrono::duration<double>(d).count();
}

}  // namespace causeway
