#include "host/repeat_limit.hpp"

#include <algorithm>
#include <utility>

namespace causeway::host {

bool RepeatLimit::admit(Instant now, const Event& event) {
    Key key{event.code, event.subject};
    auto at = runs_.find(key);
    if (at == runs_.end() && runs_.size() >= rule_.kinds) {
        make_room(now);
        if (runs_.size() >= rule_.kinds) {
            key = {EventCode::log_suppressed, {}};
            at = runs_.find(key);
        }
    }
    Run& run = at != runs_.end() ? at->second : runs_[std::move(key)];
    if (run.seen == 0 || (run.end <= now && run.seen <= rule_.burst)) {
        run = {now + rule_.period, 0};
    }
    if (++run.seen <= rule_.burst) {
        return true;
    }
    if (!next_expiry_ || run.end < *next_expiry_) {
        next_expiry_ = run.end;
    }
    return false;
}

/// Periods in which nothing was held back end unnoticed.
void RepeatLimit::make_room(Instant now) {
    if (now < no_room_until_) {
        return;
    }
    no_room_until_ = now + rule_.period;
    std::erase_if(runs_, [&](const auto& one) {
        const Run& run = one.second;
        if (run.seen <= rule_.burst && run.end > now) {
            no_room_until_ = std::min(no_room_until_, run.end);
        }
        return run.end <= now && run.seen <= rule_.burst;
    });
}

std::vector<Event> RepeatLimit::expired(Instant now) {
    std::vector<Event> summaries;
    next_expiry_.reset();
    for (auto at = runs_.begin(); at != runs_.end();) {
        const auto& [key, run] = *at;
        if (run.end > now) {
            if (run.seen > rule_.burst && (!next_expiry_ || run.end < *next_expiry_)) {
                next_expiry_ = run.end;
            }
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

}  // namespace causeway::host
