// The networks of the tunnels as a firewall sees them, sorted into layers whose elements have nothing in
// common: what every renderer here begins with. Pure.
#pragma once

#include <algorithm>
#include <compare>
#include <string>
#include <vector>

#include "base/address.hpp"

namespace causeway::firewall {

/// The networks of a tunnel (RFC 4301 4.4.1).
struct GuardedPair {
    Ipv4Net local{};
    Ipv4Net remote{};
    friend bool operator==(const GuardedPair&, const GuardedPair&) = default;
    friend std::strong_ordering operator<=>(const GuardedPair&, const GuardedPair&) = default;
};

/// Pairs whose remote networks are equally large, and so are equal or have nothing in common.
struct Layer {
    int prefix = 0;  ///< of the remote networks
    std::vector<GuardedPair> pairs;
    std::vector<Ipv4Net> remotes;  ///< sorted

    /// True when a network lies in one of the remote ones, or is one unless `strictly`.
    [[nodiscard]] bool contains(const Ipv4Net& net, bool strictly) const;
};

/// The smallest remote networks first; sorted, and without pairs whose local network lies in that of another
/// pair of the same remote network: a set with intervals takes no element that lies in another.
std::vector<Layer> layers_of(const std::vector<GuardedPair>& pairs);

inline bool inside(const Ipv4Net& inner, const Ipv4Net& outer) {
    return outer.prefix <= inner.prefix && outer.contains(inner.network);
}

template <class T>
void sort_unique(std::vector<T>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

/// "a . b, c . d": the elements of an nft set for one direction, either end first.
std::string elements(const Layer& layer, bool local_first);

}  // namespace causeway::firewall
