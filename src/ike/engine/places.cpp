#include "ike/engine/places.hpp"

#include "ike/engine/runtime.hpp"

namespace causeway::ike {

void Places::note(const IpAddress& address, Peer& peer) {
    if (peers_.emplace(address, peer.position, &peer).second) {
        ++noted_;
    }
}

std::vector<Peer*> Places::at(const IpAddress& address) const {
    std::vector<Peer*> there;
    for (auto at = peers_.lower_bound({address, 0, nullptr});
         at != peers_.end() && std::get<IpAddress>(*at) == address; ++at) {
        there.push_back(std::get<Peer*>(*at));
    }
    return there;
}

}  // namespace causeway::ike
