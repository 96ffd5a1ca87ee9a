#include "esp/policies.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace causeway::esp {

namespace {

struct Row {
    const Tunnel* tunnel;
    std::size_t group;  ///< place of the first tunnel with the same selectors in the configured order
};

// All rows are of one list: where they stand in it keeps the configured order within a group.
bool before(const Row& a, const Row& b) {
    const auto key = [](const Row& row) {
        const Tunnel& t = *row.tunnel;
        const bool any_protocol = t.local.protocol == 0 && t.remote.protocol == 0;
        const int open_ports = (t.local.port == 0 ? 1 : 0) + (t.remote.port == 0 ? 1 : 0);
        return std::tuple(-int{t.remote.net.prefix}, t.remote.net.network, -int{t.local.net.prefix},
                          any_protocol, open_ports, row.group, row.tunnel);
    };
    return key(a) < key(b);
}

}  // namespace

void Policies::set(std::span<const Tunnel> tunnels) {
    std::vector<Row> order;
    order.reserve(tunnels.size());
    std::map<std::pair<TrafficSelector, TrafficSelector>, std::size_t> groups;
    for (const Tunnel& tunnel : tunnels) {
        const auto group = groups.try_emplace({tunnel.local, tunnel.remote}, order.size()).first;
        order.push_back({&tunnel, group->second});
    }
    std::sort(order.begin(), order.end(), before);
    std::vector<Tunnel> sorted;
    sorted.reserve(tunnels.size());
    behind_.assign(order.size(), 0);
    for (std::size_t i = order.size(); i-- > 0;) {
        const bool last = i + 1 == order.size() || order[i + 1].group != order[i].group;
        behind_[i] = last ? 0 : behind_[i + 1] + 1;
    }
    for (const Row& row : order) {
        sorted.push_back(*row.tunnel);
    }
    tunnels_ = std::move(sorted);
    begins_.clear();
    begins_.reserve(tunnels_.size());
    for (std::size_t begin = 0, i = 0; i < tunnels_.size(); ++i) {
        begins_.emplace_back(tunnels_[i].reqid, begin);
        begin = behind_[i] == 0 ? i + 1 : begin;
    }
    std::ranges::sort(begins_);
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

std::span<const Tunnel> Policies::group(const Tunnel& first) const {
    const auto at = static_cast<std::size_t>(&first - tunnels_.data());
    return std::span(tunnels_).subspan(at, behind_[at] + 1);
}

std::span<const Tunnel> Policies::group_of(sa::ReqId reqid) const {
    const auto found =
        std::ranges::lower_bound(begins_, reqid, {}, &std::pair<sa::ReqId, std::size_t>::first);
    return found == begins_.end() || found->first != reqid ? std::span<const Tunnel>{}
                                                           : group(tunnels_[found->second]);
}

}  // namespace causeway::esp
