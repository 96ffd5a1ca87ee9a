// Which remote addresses get no trains of datagrams of which size (host/udp_socket.hpp), because the system refused
// one on the way to them: bounded, and forgotten after a while, for ways change. Pure: the time is handed in.
#pragma once

#include <cstddef>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"

namespace causeway::host {

class NoTrains {
 public:
    static constexpr std::size_t most = 64;  ///< beyond, the one that would be forgotten next makes room
    static constexpr Duration lasts = std::chrono::minutes(10);

    /// `octets`: of a datagram; shorter ones may fit, once it is known what the way carries. True when it is news: of
    /// this address nothing was known.
    bool add(const IpAddress& remote, std::size_t octets, Instant now);
    /// Those whose time is over.
    void forget(Instant now);
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    bool contains(const IpAddress& remote, std::size_t octets, Instant now);
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
    struct Entry {
        IpAddress remote;
        std::size_t octets;  ///< the shortest that was refused
        Instant until;
    };

    std::vector<Entry> entries_;  ///< the oldest first
};

}  // namespace causeway::host
