// Which peers may be at an address, without asking each of them: all that were ever noted there. Whether one is there
// still, the caller asks it.
#pragma once

#include <map>
#include <vector>

#include "base/address.hpp"

namespace causeway::ike {

struct Peer;

class Places {
 public:
    void note(const IpAddress& address, Peer& peer);
    /// In the order of the configuration.
    [[nodiscard]] std::vector<Peer*> at(const IpAddress& address) const;
    void clear() { peers_.clear(); }

 private:
    std::map<IpAddress, std::vector<Peer*>> peers_;
};

}  // namespace causeway::ike
