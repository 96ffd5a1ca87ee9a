#include "cli/look_around.hpp"

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <utility>

#include "base/ports.hpp"
#include "cli/descriptor.hpp"
#include "cli/system_address.hpp"
#include "cli/udp_ports.hpp"
#include "control/configuration_file.hpp"
#include "doctor/routing.hpp"

namespace causeway::cli {
namespace {

/// Of files below /proc: a full Internet table is no router's of ours.
constexpr std::size_t longest_table = std::size_t{16} << 20U;
/// Stands for the Internet where no peer's address is known: nobody has it (RFC 5737).
const IpAddress anybody = IpAddress::v4(0xc0000201);

std::optional<IpAddress> address_of(const sockaddr* address) {
    if (address == nullptr || (address->sa_family != AF_INET && address->sa_family != AF_INET6)) {
        return std::nullopt;
    }
    sockaddr_storage storage{};
    std::memcpy(&storage, address,
                address->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    return endpoint_of(storage).address;
}

std::uint8_t prefix_of(const sockaddr* mask) {
    std::uint8_t bits = 0;
    if (const auto address = address_of(mask)) {
        for (const std::uint8_t octet : address->octets()) {
            bits = static_cast<std::uint8_t>(bits + std::popcount(octet));
        }
    }
    return bits;
}

void list_devices(doctor::Examination& seen) {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) {
        return;
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, &::freeifaddrs);
    for (const auto* one = first; one != nullptr; one = one->ifa_next) {
        seen.devices[one->ifa_name] = (one->ifa_flags & IFF_UP) != 0;
        if (const auto address = address_of(one->ifa_addr)) {
            seen.addresses.push_back({one->ifa_name, *address, prefix_of(one->ifa_netmask)});
        }
    }
}

/// A UDP socket that is connected asks the routing table, and sends nothing.
doctor::Way way_to(const IpAddress& address) {
    const Descriptor socket(::socket(address.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto there = system_address({address, ike_port});
    sockaddr_storage here{};
    socklen_t octets = sizeof here;
    if (!socket.open() || ::connect(socket.get(), there.get(), there.octets) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&here), &octets) != 0) {
        return {std::nullopt, std::strerror(errno)};
    }
    return {endpoint_of(here).address, {}};
}

std::optional<std::string> first_line(const char* path) {
    auto text = control::read_file(path, longest_table);
    if (!text) {
        return std::nullopt;
    }
    return text->substr(0, text->find('\n'));
}

/// Opening alone makes no device.
std::optional<std::string> tun_error() {
    const Descriptor device(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
    if (device.open()) {
        return std::string();
    }
    return errno == EACCES || errno == EPERM ? std::nullopt
                                             : std::optional<std::string>(std::strerror(errno));
}

}  // namespace

void look_around(doctor::Examination& seen, const std::vector<IpAddress>& peers) {
    list_devices(seen);
    for (const IpAddress& peer : peers) {
        seen.ways.emplace(peer, way_to(peer));
    }
    seen.ways.emplace(IpAddress{}, way_to(anybody));
    if (const auto table = control::read_file("/proc/net/route", longest_table)) {
        seen.routes = doctor::parse_routes(*table);
    }
    seen.ip_forward = first_line("/proc/sys/net/ipv4/ip_forward");
    if (!seen.running) {
        seen.tun_error = tun_error();
        seen.taken_ports = taken_ports({ike_port, nat_t_port});
    }
}

}  // namespace causeway::cli
