// The deadlines of one part of the engine, each under its name: what says when the part wants to be woken is
// also what says for what it was.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "base/time.hpp"

namespace causeway::ike {

/// For the enumerators of an enumeration that counts from zero and ends with `last`. Of those that are due at
/// the same time the first one in the enumeration comes first.
template <auto last>
class Deadlines {
 public:
    using Timer = decltype(last);

    /// In place of what it was set to.
    void arm(Timer timer, Instant at) { of(timer) = at; }
    void disarm(Timer timer) { of(timer).reset(); }
    [[nodiscard]] std::optional<Instant> at(Timer timer) const {
        return instants_.at(static_cast<std::size_t>(timer));
    }
    [[nodiscard]] bool armed(Timer timer) const { return at(timer).has_value(); }

    [[nodiscard]] std::optional<Instant> next() const {
        std::optional<Instant> next;
        for (const auto& instant : instants_) {
            next = next && instant ? std::min(*next, *instant) : instant ? std::optional(*instant) : next;
        }
        return next;
    }
    /// One that is due, which is not set any more then: a deadline in the past would fire for ever.
    [[nodiscard]] std::optional<Timer> take_due(Instant now) {
        for (std::size_t i = 0; i < instants_.size(); ++i) {
            if (instants_.at(i) && *instants_.at(i) <= now) {
                instants_.at(i).reset();
                return static_cast<Timer>(i);
            }
        }
        return std::nullopt;
    }

 private:
    [[nodiscard]] OptionalInstant& of(Timer timer) { return instants_.at(static_cast<std::size_t>(timer)); }

    std::array<OptionalInstant, static_cast<std::size_t>(last) + 1> instants_{};
};

}  // namespace causeway::ike
