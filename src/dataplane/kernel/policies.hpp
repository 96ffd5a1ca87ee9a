// Which policies the kernel is to have, from what is configured and who sends. Outwards one for each pair of selectors:
// protected by the sending pair's own state, or by a template that fits no state and so tells of a packet, or none, which
// drops. Inwards one for all: what a state has opened is held against that state's own selectors. Pure; used by the
// kernel's data plane.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "dataplane/dataplane.hpp"
#include "host/xfrm_messages.hpp"

namespace causeway::dataplane {

/// Of policies outwards, the least wins: the longest remote prefix first, then the longest local one, then one protocol
/// before all, one port before all.
std::uint32_t priority_of(const TrafficSelector& local, const TrafficSelector& remote);

/// Packets from inside that are to go out.
host::XfrmSelector outbound_selector(const TrafficSelector& local, const TrafficSelector& remote);

/// What the state that an acquire leaves in the kernel is known by.
host::XfrmId acquire_id(std::uint32_t if_id, sa::ReqId reqid);

/// Tunnels with the same selectors, in configured order: the later ones back up the earlier ones.
class Groups {
 public:
    using Key = std::pair<TrafficSelector, TrafficSelector>;  ///< local, remote

    void set(std::span<const Policy> tunnels);
    [[nodiscard]] const std::map<Key, std::vector<Policy>>& all() const { return groups_; }
    /// Null: the tunnel is not configured.
    [[nodiscard]] const Key* key_of(sa::ReqId reqid) const;
    /// Of that tunnel, itself among them; empty when it is not configured.
    [[nodiscard]] std::span<const Policy> around(sa::ReqId reqid) const;

 private:
    std::map<Key, std::vector<Policy>> groups_;
    std::map<sa::ReqId, Key> keys_;
};

/// Inwards, for the device and for what is forwarded.
std::vector<host::XfrmPolicy> inbound_policies(std::uint32_t if_id);

/// Of a group; `sending`: the template of the pair that carries, nothing while none does.
host::XfrmPolicy outbound_policy(const Groups::Key& key, std::span<const Policy> group,
                                 const std::optional<host::XfrmTemplate>& sending, std::uint32_t if_id);

}  // namespace causeway::dataplane
