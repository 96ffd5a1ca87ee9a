// Where all peers are, as far as it is known now: written in the configuration, or looked up last. Kept sorted while it
// changes, for a hub has thousands and each look-up asks.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "config/model.hpp"

namespace causeway::daemon {

class PeerAddresses {
 public:
    /// Another configuration: its own addresses, and of those that were looked up the ones whose peer is still there.
    void adopt(const config::Model& model);
    /// A look-up has found these, in place of the peer's before. True when the list is another one.
    bool found(const std::string& peer, const std::vector<IpAddress>& addresses);
    /// Sorted, each once.
    [[nodiscard]] std::vector<IpAddress> all() const;

 private:
    [[nodiscard]] bool is_written(const IpAddress& address) const;
    bool count(const IpAddress& address);     ///< true: it is new
    bool discount(const IpAddress& address);  ///< true: it has gone

    std::vector<IpAddress> written_;                           ///< sorted, each once
    std::map<IpAddress, std::size_t> counts_;                  ///< how many peers' look-ups have found it
    std::map<std::string, std::vector<IpAddress>> looked_up_;  ///< by the peer's name
};

}  // namespace causeway::daemon
