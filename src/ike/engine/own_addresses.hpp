// The addresses that this machine has, as the host tells them.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/address.hpp"

namespace causeway::ike {

class OwnAddresses {
 public:
    /// All there are now, without loopback, link-local and what cannot be used yet (LocalAddressesChanged).
    void set(std::vector<IpAddress> addresses) { addresses_ = std::move(addresses); }

    [[nodiscard]] bool have(const IpAddress& address) const {
        return addresses_ && std::ranges::find(*addresses_, address) != addresses_->end();
    }
    /// Nothing leaves by it any more, and nothing comes back to it. Never before the host has told any, nor
    /// of what it leaves out.
    [[nodiscard]] bool lost(const IpAddress& address) const {
        return addresses_ && !address.is_loopback() && !address.is_link_local() &&
               !address.is_unspecified() && !have(address);
    }

 private:
    std::optional<std::vector<IpAddress>> addresses_;
};

}  // namespace causeway::ike
