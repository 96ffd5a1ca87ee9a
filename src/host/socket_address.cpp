#include "host/socket_address.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace causeway::host {

SocketAddress to_system(const Endpoint& endpoint) {
    SocketAddress out;
    if (endpoint.address.is_v4()) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(endpoint.port);
        in.sin_addr = to_in_addr(endpoint.address);
        std::memcpy(&out.storage, &in, sizeof in);
        out.length = sizeof in;
    } else {
        sockaddr_in6 in6{};
        in6.sin6_family = AF_INET6;
        in6.sin6_port = htons(endpoint.port);
        in6.sin6_addr = to_in6_addr(endpoint.address);
        std::memcpy(&out.storage, &in6, sizeof in6);
        out.length = sizeof in6;
    }
    return out;
}

Endpoint from_system(const sockaddr* address) {
    if (address->sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, address, sizeof in);
        return {from_system(in.sin_addr), ntohs(in.sin_port)};
    }
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 in6{};
        std::memcpy(&in6, address, sizeof in6);
        return {from_system(in6.sin6_addr), ntohs(in6.sin6_port)};
    }
    return {};
}

IpAddress from_system(const in_addr& address) {
    return IpAddress::v4(ntohl(address.s_addr));
}

IpAddress from_system(const in6_addr& address) {
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &address, octets.size());
    return IpAddress::v6(octets);
}

in_addr to_in_addr(const IpAddress& address) {
    return {htonl(address.v4_number())};
}

in6_addr to_in6_addr(const IpAddress& address) {
    in6_addr out{};
    const ByteView octets = address.octets();
    std::copy_n(octets.begin(), std::min(octets.size(), sizeof out), out.s6_addr);
    return out;
}

}  // namespace causeway::host
