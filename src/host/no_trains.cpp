#include "host/no_trains.hpp"

#include <algorithm>

namespace causeway::host {

void NoTrains::forget(Instant now) {
    const auto live = std::find_if(entries_.begin(), entries_.end(),
                                   [now](const Entry& entry) { return entry.until > now; });
    entries_.erase(entries_.begin(), live);
}

bool NoTrains::add(const IpAddress& remote, std::size_t octets, Instant now) {
    forget(now);
    const auto known = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.remote == remote; });
    if (known != entries_.end()) {
        known->octets = std::min(known->octets, octets);
        return false;
    }
    if (entries_.size() == most) {
        entries_.erase(entries_.begin());
    }
    entries_.push_back({remote, octets, now + lasts});
    return true;
}

bool NoTrains::contains(const IpAddress& remote, std::size_t octets, Instant now) {
    forget(now);
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const Entry& entry) { return entry.remote == remote && octets >= entry.octets; });
}

}  // namespace causeway::host
