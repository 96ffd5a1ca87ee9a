#include "daemon/peer_addresses.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "base/sort.hpp"

namespace causeway::daemon {

void PeerAddresses::adopt(const config::Model& model) {
    written_.clear();
    for (const auto& peer : model.peers) {
        for (const auto& address : peer.addresses) {
            if (const auto* known = std::get_if<IpAddress>(&address.value)) {
                written_.push_back(*known);
            }
        }
    }
    sort_uniquely_by(written_, [](const IpAddress& address) { return address; });
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
    list.reserve(written_.size() + counts_.size());
    std::vector<IpAddress> found;
    found.reserve(counts_.size());
    for (const auto& [address, peers] : counts_) {
        found.push_back(address);
    }
    std::ranges::set_union(written_, found, std::back_inserter(list));
    return list;
}

bool PeerAddresses::is_written(const IpAddress& address) const {
    return std::ranges::binary_search(written_, address);
}

bool PeerAddresses::count(const IpAddress& address) {
    return ++counts_[address] == 1 && !is_written(address);
}

bool PeerAddresses::discount(const IpAddress& address) {
    const auto at = counts_.find(address);
    if (at == counts_.end() || --at->second != 0) {
        return false;
    }
    counts_.erase(at);
    return !is_written(address);
}

}  // namespace causeway::daemon
