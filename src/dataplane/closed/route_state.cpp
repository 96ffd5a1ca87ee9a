#include "dataplane/closed/route_state.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "firewall/tunnels.hpp"

namespace causeway::dataplane {

namespace {

using firewall::inside;

bool takes_packets_of(const host::Route& other, const RouteQuestion& asked, bool placed) {
    // Of two routes to the same network the lower metric counts, and ours has none.
    const bool loses = other.destination == asked.remote && other.metric != 0 && placed;
    return inside(other.destination, asked.remote) && !loses &&
           std::none_of(asked.locals.begin(), asked.locals.end(),
                        [&](const Ipv4Net& local) { return inside(other.destination, local); });
}

}  // namespace

RouteState route_state(const RouteQuestion& asked) {
    const bool placed = std::any_of(asked.routes.begin(), asked.routes.end(), [&](const auto& route) {
        return route.destination == asked.remote && route.device == asked.device && !route.unreachable &&
               !route.throws;
    });
    if (asked.in_main) {
        const auto other =
            std::find_if(asked.of_others.begin(), asked.of_others.end(),
                         [&](const auto& route) { return takes_packets_of(route, asked, placed); });
        if (other != asked.of_others.end()) {
            return {RouteState::Kind::shadowed, "the route " + other->text()};
        }
    }
    return {placed ? RouteState::Kind::placed : RouteState::Kind::absent, {}};
}

std::vector<IpAddress> hosts_to_ask_about(const Ipv4Net& remote, std::span<const Ipv4Net> left_out) {
    // Linux routes to nobody in 0.0.0.0/8 (RFC 1122 3.2.1.3) and not to the broadcast of everything.
    constexpr std::uint32_t first_of_all = 0x0100'0000;
    constexpr std::uint32_t last_of_all = 0xdfff'fffe;
    const std::uint32_t span = ~remote.mask();
    std::vector<IpAddress> hosts;
    for (const std::uint32_t number :
         {remote.network + std::min<std::uint32_t>(span, 2), remote.network + span / 2,
          remote.network + span - std::min<std::uint32_t>(span, 1)}) {
        const std::uint32_t host =
            remote.prefix <= 1 ? std::clamp(number, first_of_all, last_of_all) : number;
        const bool outside = std::none_of(left_out.begin(), left_out.end(),
                                          [&](const Ipv4Net& net) { return net.contains(host); });
        const IpAddress address = IpAddress::v4(host);
        if (outside && !address.is_loopback() &&
            std::find(hosts.begin(), hosts.end(), address) == hosts.end()) {
            hosts.push_back(address);
        }
    }
    return hosts;
}

}  // namespace causeway::dataplane
