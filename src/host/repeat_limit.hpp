// Which of many equal events reach the log: the first few at once, then one summary for each quiet period. A
// flood of bad datagrams costs a handful of lines. Pure: the time is handed in. Used by Log.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/time.hpp"

namespace causeway::host {

class RepeatLimit {
 public:
    struct Rule {
        unsigned burst = 5;                          ///< events of one kind and subject within one period
        Duration period = std::chrono::seconds(60);  ///< from the first of them
        std::size_t kinds = 256;                     ///< remembered; beyond, all share one budget
    };

    RepeatLimit() : RepeatLimit(Rule{}) {}
    explicit RepeatLimit(Rule rule) : rule_(rule) {}

    /// Whether this event is to be logged now.
    bool admit(Instant now, const Event& event);
    /// Summaries (log_suppressed) of the periods that have ended.
    std::vector<Event> expired(Instant now);
    /// When the next period with something to sum up ends.
    [[nodiscard]] std::optional<Instant> next_expiry() const { return next_expiry_; }

 private:
    struct Run {
        Instant end{};
        unsigned seen = 0;
    };
    using Key = std::pair<EventCode, std::string>;

    void make_room(Instant now);

    Rule rule_;
    std::map<Key, Run> runs_;
    // A start of thousands of peers has an event of its own for each: it does not go through all runs for each.
    OptionalInstant next_expiry_;
    Instant no_room_until_{};
};

}  // namespace causeway::host
