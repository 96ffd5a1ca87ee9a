#include "daemon/peer_addresses.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

namespace causeway::daemon {

void PeerAddresses::adopt(const config::Model& model) {
    for (const auto& address : std::exchange(written_, {})) {
        discount(address);
    }
    for (const auto& peer : model.peers) {
        for (const auto& address : peer.addresses) {
            if (const auto* known = std::get_if<IpAddress>(&address.value)) {
                written_.push_back(*known);
                count(*known);
            }
        }
    }
    std::set<std::string_view> names;
    for (const auto& peer : model.peers) {
        names.insert(peer.name);
    }
    std::erase_if(looked_up_, [&](const auto& known) {
        const bool gone = !names.contains(known.first);
        if (gone) {
            std::for_each(known.second.begin(), known.second.end(),
                          [this](const IpAddress& address) { discount(address); });
        }
        return gone;
    });
}

bool PeerAddresses::found(const std::string& peer, const std::vector<IpAddress>& addresses) {
    auto& known = looked_up_[peer];
    if (known == addresses) {
        return false;
    }
    // Those that stay are counted first, so that they do not go for a moment.
    bool changed = false;
    for (const auto& address : addresses) {
        changed = count(address) || changed;
    }
    for (const auto& address : std::exchange(known, addresses)) {
        changed = discount(address) || changed;
    }
    return changed;
}

std::vector<IpAddress> PeerAddresses::all() const {
    std::vector<IpAddress> list;
    list.reserve(counts_.size());
    for (const auto& [address, peers] : counts_) {
        list.push_back(address);
    }
    return list;
}

bool PeerAddresses::count(const IpAddress& address) {
    return ++counts_[address] == 1;
}

bool PeerAddresses::discount(const IpAddress& address) {
    const auto at = counts_.find(address);
    if (at == counts_.end() || --at->second != 0) {
        return false;
    }
    counts_.erase(at);
    return true;
}

}  // namespace causeway::daemon
