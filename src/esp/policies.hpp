// The outbound half of the SPD (RFC 4301 4.4.1): which tunnel a packet belongs to. Longest remote prefix
// first, then longest local prefix, then the narrower protocol and port; equal ones in configured order.
// Tunnels with the same pair of selectors are a group: the later ones back up the earlier ones. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "esp/inner_packet.hpp"
#include "sa/sa.hpp"

namespace causeway::esp {

/// A configured tunnel, up or not.
struct Tunnel {
    sa::ReqId reqid = 0;
    TrafficSelector local{};
    TrafficSelector remote{};
    bool acquire = true;  ///< a packet without an SA is queued and reported as sa::Acquire
    friend bool operator==(const Tunnel&, const Tunnel&) = default;
};

class Policies {
 public:
    /// Replaces the list.
    void set(std::span<const Tunnel> tunnels);
    /// The tunnel of a packet that leaves, the first of its group; null when there is none. Valid until set().
    [[nodiscard]] const Tunnel* find(const InnerPacket& packet) const;
    /// The group whose first tunnel find() returned, in configured order. Valid until set().
    [[nodiscard]] std::span<const Tunnel> group(const Tunnel& first) const;
    /// The group that a tunnel belongs to, in configured order; empty when it is not in the list. Valid until set().
    [[nodiscard]] std::span<const Tunnel> group_of(sa::ReqId reqid) const;
    [[nodiscard]] std::span<const Tunnel> all() const { return tunnels_; }

 private:
    /// The tunnels whose remote network has one prefix length, sorted by network: found by binary search.
    struct Length {
        std::uint8_t prefix = 0;
        std::size_t begin = 0;
        std::size_t end = 0;
    };

    std::vector<Tunnel> tunnels_;
    std::vector<std::size_t> behind_;  ///< of each tunnel: how many of its group follow it
    std::vector<std::pair<sa::ReqId, std::size_t>> begins_;  ///< by number, sorted: where its group begins
    std::vector<Length> lengths_;
};

}  // namespace causeway::esp
