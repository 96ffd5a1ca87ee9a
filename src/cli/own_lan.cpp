#include "cli/own_lan.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <set>
#include <sys/socket.h>
#include <vector>

#include "config/words.hpp"
#include "control/configuration_file.hpp"

namespace causeway::cli {
namespace {

constexpr std::size_t longest_table = std::size_t{1} << 20U;

/// The devices of the routes with mask 0 that are up and lead somewhere. A line: device, destination, gateway, flags,
/// three figures, mask; all but the figures hexadecimal.
std::set<std::string_view> outward_devices(std::string_view routes) {
    constexpr std::size_t flags = 3;
    constexpr std::size_t mask = 7;
    constexpr std::uint32_t is_up = 0x0001;  // linux/route.h
    constexpr std::uint32_t is_reject = 0x0200;
    std::set<std::string_view> devices;
    while (!routes.empty()) {
        const auto end = std::min(routes.find('\n'), routes.size());
        const auto words = config::split_words(routes.substr(0, end));
        routes.remove_prefix(std::min(end + 1, routes.size()));
        if (words.size() <= mask || words[mask] != "00000000") {
            continue;
        }
        std::uint32_t how = 0;
        std::from_chars(words[flags].data(), words[flags].data() + words[flags].size(), how, 16);
        if ((how & is_up) != 0 && (how & is_reject) == 0) {
            devices.insert(words[0]);
        }
    }
    return devices;
}

std::optional<std::uint32_t> ipv4_of(const sockaddr* address) {
    if (address == nullptr || address->sa_family != AF_INET) {
        return std::nullopt;
    }
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return ntohl(in.sin_addr.s_addr);
}

}  // namespace

std::optional<Ipv4Net> lan_among(std::span<const OwnNetwork> networks, std::string_view routes) {
    const auto outward = outward_devices(routes);
    for (const auto& [device, net] : networks) {
        const auto first = IpAddress::v4(net.network);
        if (net.prefix > 0 && net.prefix <= 30 && first.is_private() && !first.is_link_local() &&
            !outward.contains(device)) {
            return net;
        }
    }
    return std::nullopt;
}

std::optional<Ipv4Net> own_lan() {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) {
        return std::nullopt;
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, &::freeifaddrs);
    std::vector<OwnNetwork> networks;
    for (const auto* one = first; one != nullptr; one = one->ifa_next) {
        const auto address = ipv4_of(one->ifa_addr);
        const auto mask = ipv4_of(one->ifa_netmask);
        const bool usable = (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
        if (const auto net = address && mask && usable ? Ipv4Net::from_mask(*address, *mask) : std::nullopt) {
            networks.push_back({one->ifa_name, *net});
        }
    }
    const auto routes = control::read_file("/proc/net/route", longest_table);
    return routes ? lan_among(networks, *routes) : std::nullopt;
}

}  // namespace causeway::cli
