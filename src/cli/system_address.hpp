// Between our addresses and those of the system's calls.
#pragma once

#include <sys/socket.h>

#include "base/address.hpp"

namespace causeway::cli {

/// An address as the system's calls take it.
struct SystemAddress {
    sockaddr_storage storage{};
    socklen_t octets = 0;

    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};
SystemAddress system_address(const Endpoint& end);

/// IPv4 and IPv6 only; 0.0.0.0 for what is neither.
Endpoint endpoint_of(const sockaddr_storage& storage);

}  // namespace causeway::cli
