#include "dataplane/kernel/policies.hpp"

#include <algorithm>

namespace causeway::dataplane {

namespace {

constexpr std::uint32_t prefix_lengths = 33;
constexpr std::uint32_t narrownesses = 4;
constexpr std::uint32_t first_priority = 1000;

}  // namespace

std::uint32_t priority_of(const TrafficSelector& local, const TrafficSelector& remote) {
    const std::uint32_t prefixes =
        (32U - remote.net.prefix) * prefix_lengths + (32U - std::uint32_t{local.net.prefix});
    const bool any_protocol = local.protocol == 0 && remote.protocol == 0;
    const std::uint32_t open_ports = (local.port == 0 ? 1U : 0U) + (remote.port == 0 ? 1U : 0U);
    return first_priority + prefixes * narrownesses + (any_protocol ? 3U : open_ports);
}

host::XfrmSelector outbound_selector(const TrafficSelector& local, const TrafficSelector& remote) {
    return {local.net, remote.net, std::max(local.protocol, remote.protocol), local.port, remote.port};
}

// No state has this destination. The number keeps the tunnels apart, and those of two daemons.
host::XfrmId acquire_id(std::uint32_t if_id, sa::ReqId reqid) {
    return {IpAddress{}, (if_id << 16) ^ reqid};
}

void Groups::set(std::span<const Policy> tunnels) {
    groups_.clear();
    keys_.clear();
    for (const Policy& tunnel : tunnels) {
        const Key key{tunnel.local, tunnel.remote};
        groups_[key].push_back(tunnel);
        keys_.insert_or_assign(tunnel.reqid, key);
    }
}

const Groups::Key* Groups::key_of(sa::ReqId reqid) const {
    const auto at = keys_.find(reqid);
    return at == keys_.end() ? nullptr : &at->second;
}

std::span<const Policy> Groups::around(sa::ReqId reqid) const {
    const Key* key = key_of(reqid);
    return key == nullptr ? std::span<const Policy>() : std::span<const Policy>(groups_.at(*key));
}

std::vector<host::XfrmPolicy> inbound_policies(std::uint32_t if_id) {
    std::vector<host::XfrmPolicy> made;
    for (const auto direction : {host::XfrmDirection::in, host::XfrmDirection::forward}) {
        made.push_back({{direction, {}}, if_id, first_priority, host::XfrmTemplate{}});
    }
    return made;
}

host::XfrmPolicy outbound_policy(const Groups::Key& key, std::span<const Policy> group,
                                 const std::optional<host::XfrmTemplate>& sending, std::uint32_t if_id) {
    host::XfrmPolicy policy{{host::XfrmDirection::out, outbound_selector(key.first, key.second)},
                            if_id,
                            priority_of(key.first, key.second),
                            sending};
    const auto asks = std::find_if(group.begin(), group.end(), [](const Policy& one) { return one.acquire; });
    if (!sending && asks != group.end()) {
        const host::XfrmId id = acquire_id(if_id, asks->reqid);
        policy.protected_by = host::XfrmTemplate{{}, id.destination, id.spi, asks->reqid};
    }
    return policy;
}

}  // namespace causeway::dataplane
