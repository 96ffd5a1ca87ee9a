#include "esp/policies.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace causeway::esp {

namespace {

// Both point into the configured list, so that the address is the last word between equals.
bool before(const Tunnel* a, const Tunnel* b) {
    const auto key = [](const Tunnel* t) {
        const bool any_protocol = t->local.protocol == 0 && t->remote.protocol == 0;
        const int open_ports = (t->local.port == 0 ? 1 : 0) + (t->remote.port == 0 ? 1 : 0);
        return std::tuple(-int{t->remote.net.prefix}, t->remote.net.network, -int{t->local.net.prefix},
                          any_protocol, open_ports, t);
    };
    return key(a) < key(b);
}

}  // namespace

void Policies::set(std::span<const Tunnel> tunnels) {
    std::vector<const Tunnel*> order;
    order.reserve(tunnels.size());
    for (const Tunnel& tunnel : tunnels) {
        order.push_back(&tunnel);
    }
    std::sort(order.begin(), order.end(), before);
    std::vector<Tunnel> sorted;
    sorted.reserve(tunnels.size());
    for (const Tunnel* tunnel : order) {
        sorted.push_back(*tunnel);
    }
    tunnels_ = std::move(sorted);
    lengths_.clear();
    for (std::size_t i = 0; i < tunnels_.size(); ++i) {
        const std::uint8_t prefix = tunnels_[i].remote.net.prefix;
        if (lengths_.empty() || lengths_.back().prefix != prefix) {
            lengths_.push_back({prefix, i, i});
        }
        lengths_.back().end = i + 1;
    }
}

const Tunnel* Policies::find(const InnerPacket& packet) const {
    for (const Length& length : lengths_) {
        const std::uint32_t network = packet.destination & Ipv4Net{0, length.prefix}.mask();
        const auto end = tunnels_.begin() + static_cast<std::ptrdiff_t>(length.end);
        auto at = std::lower_bound(tunnels_.begin() + static_cast<std::ptrdiff_t>(length.begin), end, network,
                                   [](const Tunnel& t, std::uint32_t n) { return t.remote.net.network < n; });
        for (; at != end && at->remote.net.network == network; ++at) {
            if (fits_outbound(at->local, at->remote, packet)) {
                return &*at;
            }
        }
    }
    return nullptr;
}

}  // namespace causeway::esp
