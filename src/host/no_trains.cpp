#include "host/no_trains.hpp"

#include <algorithm>

namespace causeway::host {

void NoTrains::forget(Instant now) {
    const auto live = std::find_if(entries_.begin(), entries_.end(),
                                   [now](const Entry& entry) { return entry.until > now; });
    entries_.erase(entries_.begin(), live);
}

bool NoTrains::add(const IpAddress& remote, Instant now) {
    if (contains(remote, now)) {
        return false;
    }
    if (entries_.size() == most) {
        entries_.erase(entries_.begin());
    }
    entries_.push_back({remote, now + lasts});
    return true;
}

bool NoTrains::contains(const IpAddress& remote, Instant now) {
    forget(now);
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const Entry& entry) { return entry.remote == remote; });
}

}  // namespace causeway::host
