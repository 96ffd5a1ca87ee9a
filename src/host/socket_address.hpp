// Between our addresses and the system's.
#pragma once

#include <cstdint>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/address.hpp"

namespace causeway::host {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress to_system(const Endpoint& endpoint);
/// Unspecified for families other than IPv4 and IPv6. IPv4-mapped IPv6 addresses stay what they are.
Endpoint from_system(const sockaddr* address);

IpAddress from_system(const in_addr& address);
IpAddress from_system(const in6_addr& address);
in_addr to_in_addr(const IpAddress& address);
in6_addr to_in6_addr(const IpAddress& address);

}  // namespace causeway::host
