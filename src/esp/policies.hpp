// The outbound half of the SPD (RFC 4301 4.4.1): which tunnel a packet belongs to. Longest remote prefix
// first, then longest local prefix, then the narrower protocol and port; equal ones in configured order.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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
    /// The tunnel of a packet that leaves, null when there is none. Valid until set().
    [[nodiscard]] const Tunnel* find(const InnerPacket& packet) const;
    [[nodiscard]] std::span<const Tunnel> all() const { return tunnels_; }

 private:
    /// The tunnels whose remote network has one prefix length, sorted by network: found by binary search.
    struct Length {
        std::uint8_t prefix = 0;
        std::size_t begin = 0;
        std::size_t end = 0;
    };

    std::vector<Tunnel> tunnels_;
    std::vector<Length> lengths_;
};

}  // namespace causeway::esp
