// Informationals that answer nothing, and wait until no Quick Mode is under way: other daemons keep little of what
// several exchanges at a time need (limits::own_quick_modes_per_sa). Between two Quick Modes there is room for one.
#pragma once

#include <optional>
#include <vector>

#include "base/time.hpp"
#include "codec/isakmp/message.hpp"

namespace causeway::ike::v1 {

class Deferred {
 public:
    using Payloads = std::vector<isakmp::Payload>;
    /// Whether a Quick Mode is under way.
    enum class Line { free, busy };

    /// One that is to leave. Returned is what leaves now: this one, the first of too many, or nothing.
    [[nodiscard]] std::optional<Payloads> begin(Payloads payloads, Line line, Instant now);
    /// A Quick Mode has ended: the first one leaves, and the next one follows.
    [[nodiscard]] std::optional<Payloads> take_next(Instant now);

    [[nodiscard]] std::optional<Instant> next_timeout() const { return next_; }
    [[nodiscard]] std::optional<Payloads> handle_timeout(Line line, Instant now);

 private:
    /// No deque: an empty one costs half a kilobyte.
    std::vector<Payloads> waiting_;
    OptionalInstant next_;  ///< the first of them leaves then
};

}  // namespace causeway::ike::v1
