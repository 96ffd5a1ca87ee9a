#include "host/repeat_limit.hpp"

#include <algorithm>

namespace causeway::host {

bool RepeatLimit::admit(Instant now, const Event& event) {
    Key key{event.code, event.subject};
    if (runs_.size() >= rule_.kinds && !runs_.contains(key)) {
        // Periods in which nothing was held back end unnoticed: make room.
        std::erase_if(
            runs_, [&](const auto& one) { return one.second.end <= now && one.second.seen <= rule_.burst; });
    }
    if (runs_.size() >= rule_.kinds && !runs_.contains(key)) {
        key = {EventCode::log_suppressed, {}};
    }
    Run& run = runs_[key];
    if (run.seen == 0 || (run.end <= now && run.seen <= rule_.burst)) {
        run = {now + rule_.period, 0};
    }
    return ++run.seen <= rule_.burst;
}

std::vector<Event> RepeatLimit::expired(Instant now) {
    std::vector<Event> summaries;
    for (auto at = runs_.begin(); at != runs_.end();) {
        const auto& [key, run] = *at;
        if (run.end > now) {
            ++at;
            continue;
        }
        if (run.seen > rule_.burst) {
            const bool shared = key.first == EventCode::log_suppressed;
            const std::string kind = shared ? "various" : std::string(describe(key.first).name);
            summaries.push_back({EventCode::log_suppressed,
                                 key.second,
                                 {{"count", std::to_string(run.seen - rule_.burst)}, {"kind", kind}}});
        }
        at = runs_.erase(at);
    }
    return summaries;
}

std::optional<Instant> RepeatLimit::next_expiry() const {
    std::optional<Instant> next;
    for (const auto& [key, run] : runs_) {
        if (run.seen > rule_.burst && (!next || run.end < *next)) {
            next = run.end;
        }
    }
    return next;
}

}  // namespace causeway::host
