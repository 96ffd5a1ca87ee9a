// Which peers may be at an address, without asking each of them: all that were noted there. Whether one is there
// still, the caller asks it.
#pragma once

#include <cstddef>
#include <vector>

#include "base/address.hpp"

namespace causeway::ike {

struct Peer;

class Places {
 public:
    void note(const IpAddress& address, Peer& peer);
    /// In the order of the configuration.
    [[nodiscard]] std::vector<Peer*> at(const IpAddress& address) const;
    void clear() {
        peers_.clear();
        listing_ = true;
    }
    /// All that is known now has been noted; at() is not asked between clear() and that.
    void listed();
    /// Most are of long ago: peers that move, each day or as often as they like, must not collect memory.
    [[nodiscard]] bool overgrown() const { return peers_.size() > 2 * listed_ + spare; }

    static constexpr std::size_t spare = 1024;

 private:
    struct Noted {
        IpAddress address;
        Peer* peer = nullptr;
    };
    static bool before(const Noted& one, const Noted& other);

    std::vector<Noted> peers_;  ///< by address, and there in the order of the configuration, each once
    std::size_t listed_ = 0;
    bool listing_ = false;  ///< sorted only once all are there
};

}  // namespace causeway::ike
