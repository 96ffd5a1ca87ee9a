// The first packets of an on-demand tunnel wait here until there is an SA (RFC 4301 4.5: the packet that
// triggered the SA should not be lost). Bounded in packets and octets; the oldest makes room. Pure.
#pragma once

#include <cstddef>
#include <deque>

#include "base/bytes.hpp"

namespace causeway::esp {

class AcquireQueue {
 public:
    // Enough for the first flight of a handful of hosts. A tunnel that stays down must not collect memory.
    static constexpr std::size_t max_packets = 64;
    static constexpr std::size_t max_octets = std::size_t{64} * 1024;

    /// Keeps a copy; returns how many older packets were dropped for it. A packet larger than the queue is
    /// itself the one that is dropped.
    std::size_t push(ByteView packet);
    /// All packets, oldest first; the queue is empty afterwards.
    std::deque<Bytes> take();

    [[nodiscard]] std::size_t packets() const { return packets_.size(); }
    [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
    std::deque<Bytes> packets_;
    std::size_t octets_ = 0;
};

}  // namespace causeway::esp
