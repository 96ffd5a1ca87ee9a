#include "ike/engine/places.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/sort.hpp"
#include "ike/engine/runtime.hpp"

namespace causeway::ike {

void Places::note(const IpAddress& address, Peer& peer) {
    const Noted noted{address, &peer};
    if (listing_) {
        peers_.push_back(noted);
        return;
    }
    const auto at = std::ranges::lower_bound(peers_, noted, before);
    if (at == peers_.end() || before(noted, *at)) {
        peers_.insert(at, noted);
    }
}

void Places::listed() {
    sort_uniquely_by(peers_, [](const Noted& one) { return std::pair(one.address, one.peer->position); });
    listed_ = peers_.size();
    listing_ = false;
}

bool Places::before(const Noted& one, const Noted& other) {
    return std::tie(one.address, one.peer->position) < std::tie(other.address, other.peer->position);
}

std::vector<Peer*> Places::at(const IpAddress& address) const {
    std::vector<Peer*> there;
    for (auto at = std::ranges::lower_bound(peers_, address, {}, &Noted::address);
         at != peers_.end() && at->address == address; ++at) {
        there.push_back(at->peer);
    }
    return there;
}

}  // namespace causeway::ike
