// Which peers may be at an address, without asking each of them: all that were noted there. Whether one is there
// still, the caller asks it.
#pragma once

#include <cstddef>
#include <set>
#include <tuple>
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
        noted_ = 0;
    }
    /// All that is known now has been noted.
    void listed() { listed_ = noted_; }
    /// Most are of long ago: peers that move, each day or as often as they like, must not collect memory.
    [[nodiscard]] bool overgrown() const { return noted_ > 2 * listed_ + spare; }

    static constexpr std::size_t spare = 1024;

 private:
    std::set<std::tuple<IpAddress, std::size_t, Peer*>> peers_;  ///< and their position
    std::size_t noted_ = 0;
    std::size_t listed_ = 0;
};

}  // namespace causeway::ike
