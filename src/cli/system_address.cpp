#include "cli/system_address.hpp"

#include <algorithm>
#include <netinet/in.h>

#include "base/bytes.hpp"

namespace causeway::cli {

SystemAddress system_address(const Endpoint& end) {
    SystemAddress address;
    if (end.address.is_v4()) {
        auto* const in = reinterpret_cast<sockaddr_in*>(&address.storage);
        in->sin_family = AF_INET;
        in->sin_port = htons(end.port);
        in->sin_addr.s_addr = htonl(end.address.v4_number());
        address.octets = sizeof *in;
    } else {
        auto* const in = reinterpret_cast<sockaddr_in6*>(&address.storage);
        in->sin6_family = AF_INET6;
        in->sin6_port = htons(end.port);
        std::ranges::copy(end.address.octets(), in->sin6_addr.s6_addr);
        address.octets = sizeof *in;
    }
    return address;
}

Endpoint endpoint_of(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET6) {
        const auto* const in = reinterpret_cast<const sockaddr_in6*>(&storage);
        return {IpAddress::from_octets(ByteView(in->sin6_addr.s6_addr)).value_or(IpAddress{}),
                ntohs(in->sin6_port)};
    }
    const auto* const in = reinterpret_cast<const sockaddr_in*>(&storage);
    return {IpAddress::v4(ntohl(in->sin_addr.s_addr)), ntohs(in->sin_port)};
}

}  // namespace causeway::cli
