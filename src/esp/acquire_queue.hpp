// The first packets of an on-demand tunnel wait here until there is an SA (RFC 4301 4.5: the packet that
// triggered the SA should not be lost). Bounded in packets, octets and age; the oldest makes room. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace causeway::esp {

class AcquireQueue {
 public:
    // Enough for the first flight of a handful of hosts. A tunnel that stays down must not collect memory.
    static constexpr std::size_t max_packets = 64;
    static constexpr std::size_t max_octets = std::size_t{64} * 1024;

    // Whoever sent a packet has given up on it or sent it again by then.
    static constexpr Duration max_age = std::chrono::seconds(30);

    /// Keeps a copy; returns how many older packets were dropped for it. A packet larger than the queue is
    /// itself the one that is dropped.
    std::size_t push(ByteView packet, Instant now);
    /// All packets that are not too old, oldest first; the queue is empty afterwards.
    std::vector<Bytes> take(Instant now);
    void clear();

    [[nodiscard]] std::size_t packets() const { return packets_.size(); }
    [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
    struct Waiting {
        Instant since;
        Bytes packet;
    };

    std::vector<Waiting> packets_;  ///< a deque would take half a KiB while it is empty
    std::size_t octets_ = 0;
};

}  // namespace causeway::esp
