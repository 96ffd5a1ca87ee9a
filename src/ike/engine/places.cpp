#include "ike/engine/places.hpp"

#include <algorithm>

#include "ike/engine/runtime.hpp"

namespace causeway::ike {

void Places::note(const IpAddress& address, Peer& peer) {
    std::vector<Peer*>& there = peers_[address];
    const auto at = std::ranges::lower_bound(there, peer.position, {}, &Peer::position);
    if (at == there.end() || *at != &peer) {
        there.insert(at, &peer);
        ++noted_;
    }
}

std::vector<Peer*> Places::at(const IpAddress& address) const {
    const auto found = peers_.find(address);
    return found == peers_.end() ? std::vector<Peer*>{} : found->second;
}

}  // namespace causeway::ike
