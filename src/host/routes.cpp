#include "host/routes.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <utility>

#include "host/devices.hpp"
#include "host/packet_mark.hpp"
#include "host/rtnetlink.hpp"

namespace causeway::host {

namespace {

void read_metrics(const nlattr* nest, unsigned& mtu, unsigned& advmss) {
    each_nested(nest, [&](const nlattr* metric) {
        switch (mnl_attr_get_type(metric)) {
            case RTAX_MTU:
                mtu = u32_of(metric);
                break;
            case RTAX_ADVMSS:
                advmss = u32_of(metric);
                break;
            default:
                break;
        }
    });
}

// A route that Route can express; nothing for the others.
std::optional<Route> read_route(const nlmsghdr* message) {
    const auto* family = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
    Route route;
    route.unreachable = family->rtm_type == RTN_UNREACHABLE;
    route.throws = family->rtm_type == RTN_THROW;
    if (family->rtm_family != AF_INET ||
        (family->rtm_type != RTN_UNICAST && !route.unreachable && !route.throws)) {
        return std::nullopt;
    }
    route.protocol = family->rtm_protocol;
    route.destination.prefix = family->rtm_dst_len;
    route.table = family->rtm_table;
    each_attribute(message, sizeof(rtmsg), [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case RTA_TABLE:
                route.table = u32_of(attribute);
                break;
            case RTA_DST:
                route.destination.network = u32_or_v4(attribute);
                break;
            case RTA_PRIORITY:
                route.metric = u32_of(attribute);
                break;
            case RTA_OIF:
                route.device = u32_of(attribute);
                break;
            case RTA_PREFSRC:
                route.source = address_of(attribute);
                break;
            case RTA_GATEWAY:
                route.gateway = address_of(attribute);
                break;
            case RTA_METRICS:
                read_metrics(attribute, route.mtu, route.advmss);
                break;
            default:
                break;
        }
    });
    return route;
}

void put_route(Request& request, const Route& route) {
    auto* family = request.family<rtmsg>();
    family->rtm_family = AF_INET;
    family->rtm_dst_len = route.destination.prefix;
    family->rtm_table = static_cast<std::uint8_t>(route.table);
    family->rtm_protocol = route.protocol;
    family->rtm_type = route.unreachable ? RTN_UNREACHABLE : route.throws ? RTN_THROW : RTN_UNICAST;
    // Gateways of other routes are looked for through the rules, and on links: what stands in a table of ours is
    // none, or the default route that somebody adds would lead into the tunnel.
    const bool on_link = !route.unreachable && !route.throws && !route.gateway && route.table == main_table;
    family->rtm_scope = on_link ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    request.address(RTA_DST, IpAddress::v4(route.destination.network));
    if (route.metric != 0) {
        mnl_attr_put_u32(request.get(), RTA_PRIORITY, route.metric);
    }
    if (route.device != 0) {
        mnl_attr_put_u32(request.get(), RTA_OIF, route.device);
    }
    if (route.source) {
        request.address(RTA_PREFSRC, *route.source);
    }
    if (route.gateway) {
        request.address(RTA_GATEWAY, *route.gateway);
    }
    if (route.mtu != 0 || route.advmss != 0) {
        nlattr* nest = mnl_attr_nest_start(request.get(), RTA_METRICS);
        if (route.mtu != 0) {
            mnl_attr_put_u32(request.get(), RTAX_MTU, route.mtu);
        }
        if (route.advmss != 0) {
            mnl_attr_put_u32(request.get(), RTAX_ADVMSS, route.advmss);
        }
        mnl_attr_nest_end(request.get(), nest);
    }
}

}  // namespace

std::string Route::text() const {
    std::string text = fmt::format("{}{}",
                                   unreachable ? "unreachable "
                                   : throws    ? "throw "
                                               : "",
                                   destination.text());
    if (device != 0) {
        const auto known = find_device(device);
        text += known ? fmt::format(" dev {}", *known) : fmt::format(" dev #{}", device);
    }
    if (metric != 0) {
        text += fmt::format(" metric {}", metric);
    }
    if (table != main_table) {
        text += fmt::format(" table {}", table);
    }
    return text;
}

void Routes::Closer::operator()(mnl_socket* socket) const {
    mnl_socket_close(socket);
}

Routes::Routes(mnl_socket* socket) : socket_(socket) {}

Result<Routes> Routes::open() {
    mnl_socket* socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (socket == nullptr) {
        return fail(netlink_error(errno, "cannot open an rtnetlink socket"));
    }
    Routes routes(socket);
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        return fail(netlink_error(errno, "cannot bind an rtnetlink socket"));
    }
    return routes;
}

Result<void> Routes::change(nlmsghdr* request, std::string_view what,
                            const std::function<std::string()>& text) {
    auto done = ask(request, [](const nlmsghdr*) {});
    if (!done) {
        done.error().what = fmt::format("{} {}: {}", what, text(), done.error().what);
    }
    return done;
}

Result<void> Routes::put(const Route& route) {
    Request request(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
    put_route(request, route);
    return change(request.get(), "route", [&] { return route.text(); });
}

Result<void> Routes::remove(const Route& route) {
    Request request(RTM_DELROUTE, NLM_F_ACK);
    put_route(request, route);
    auto done = change(request.get(), "route", [&] { return route.text(); });
    if (!done && done.error().code == Errc::not_found) {
        return {};
    }
    return done;
}

Result<bool> Routes::has_ipv6_default() {
    Request request(RTM_GETROUTE, NLM_F_DUMP);
    request.family<rtmsg>()->rtm_family = AF_INET6;
    bool found = false;
    CAUSEWAY_CHECK(ask(request.get(), [&](const nlmsghdr* message) {
        const auto* route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
        found = found || (route->rtm_dst_len == 0 && route->rtm_table == RT_TABLE_MAIN &&
                          route->rtm_type == RTN_UNICAST);
    }));
    return found;
}

Result<std::vector<Route>> Routes::list(std::uint32_t table) {
    Request request(RTM_GETROUTE, NLM_F_DUMP);
    request.family<rtmsg>()->rtm_family = AF_INET;
    std::vector<Route> routes;
    CAUSEWAY_CHECK(ask(request.get(), [&](const nlmsghdr* message) {
        if (auto route = read_route(message); route && route->table == table) {
            routes.push_back(*route);
        }
    }));
    return routes;
}

Result<std::vector<LocalAddress>> Routes::addresses_of(int wanted) {
    Request request(RTM_GETADDR, NLM_F_DUMP);
    request.family<ifaddrmsg>()->ifa_family = static_cast<std::uint8_t>(wanted);
    std::vector<LocalAddress> found;
    CAUSEWAY_CHECK(ask(request.get(), [&](const nlmsghdr* message) {
        const auto* family = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
        if (family->ifa_family != AF_INET && family->ifa_family != AF_INET6) {
            return;
        }
        LocalAddress local;
        local.device = family->ifa_index;
        std::uint32_t flags = family->ifa_flags;
        bool known = false;
        each_attribute(message, sizeof(ifaddrmsg), [&](const nlattr* attribute) {
            const auto type = mnl_attr_get_type(attribute);
            // IFA_LOCAL is ours; on point-to-point links IFA_ADDRESS is the other end's. IPv6 knows only the
            // latter elsewhere.
            if (type == IFA_ADDRESS && family->ifa_family == AF_INET) {
                local.network = *Ipv4Net::from_mask(u32_or_v4(attribute), mask_of(family->ifa_prefixlen));
            }
            if (type == IFA_LOCAL || (type == IFA_ADDRESS && !known && family->ifa_family == AF_INET6)) {
                if (const auto address = address_of(attribute)) {
                    local.address = *address;
                    known = true;
                }
            } else if (type == IFA_FLAGS) {
                flags = u32_of(attribute);
            }
        });
        local.secondary = (flags & IFA_F_SECONDARY) != 0 && family->ifa_family == AF_INET;
        local.temporary = (flags & IFA_F_TEMPORARY) != 0 && family->ifa_family == AF_INET6;
        local.deprecated = (flags & IFA_F_DEPRECATED) != 0;
        local.usable = (flags & IFA_F_DADFAILED) == 0 &&
                       ((flags & IFA_F_TENTATIVE) == 0 || (flags & IFA_F_OPTIMISTIC) != 0);
        if (known) {
            found.push_back(local);
        }
    }));
    return found;
}

Result<std::vector<LocalAddress>> Routes::addresses() {
    auto found = CAUSEWAY_TRY(addresses_of(AF_INET));
    std::erase_if(found, [](const LocalAddress& local) { return local.address.is_loopback(); });
    return found;
}

Result<std::vector<LocalAddress>> Routes::all_addresses() {
    return addresses_of(AF_UNSPEC);
}

Result<std::vector<std::string>> Routes::ways_out(const std::vector<unsigned>& devices) {
    std::vector<std::string> ways;
    for (const int family : {AF_INET, AF_INET6}) {
        Request request(RTM_GETROUTE, NLM_F_DUMP);
        request.family<rtmsg>()->rtm_family = static_cast<std::uint8_t>(family);
        CAUSEWAY_CHECK(ask(request.get(), [&](const nlmsghdr* message) {
            const auto* route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
            if (route->rtm_dst_len != 0 || route->rtm_table != RT_TABLE_MAIN ||
                route->rtm_type != RTN_UNICAST) {
                return;
            }
            // Age and the like change all the time and mean nothing.
            std::string way = "default";
            each_attribute(message, sizeof(rtmsg), [&](const nlattr* attribute) {
                switch (mnl_attr_get_type(attribute)) {
                    case RTA_OIF:
                    case RTA_PRIORITY:
                        way += fmt::format(" {}:{}", mnl_attr_get_type(attribute), u32_of(attribute));
                        break;
                    case RTA_GATEWAY:
                    case RTA_PREFSRC:
                        way += fmt::format(" {}:{}", mnl_attr_get_type(attribute),
                                           address_of(attribute).value_or(IpAddress{}).text());
                        break;
                    default:
                        break;
                }
            });
            ways.push_back(std::move(way));
        }));
    }
    for (const unsigned device : devices) {
        Request request(RTM_GETLINK, 0);
        request.family<ifinfomsg>()->ifi_index = static_cast<int>(device);
        auto asked = ask(request.get(), [&](const nlmsghdr* message) {
            const auto* link = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
            ways.push_back(fmt::format("device {} {}", device, (link->ifi_flags & IFF_RUNNING) != 0));
        });
        static_cast<void>(asked);  // gone meanwhile: not among the ways
    }
    std::sort(ways.begin(), ways.end());
    return ways;
}

std::optional<IpAddress> address_in(std::span<const LocalAddress> addresses, const Ipv4Net& network,
                                    unsigned except_device) {
    const LocalAddress* best = nullptr;
    for (const LocalAddress& local : addresses) {
        const bool fits = local.device != except_device && network.contains(local.address.v4_number());
        if (fits && (best == nullptr || (best->secondary && !local.secondary))) {
            best = &local;
        }
    }
    return best != nullptr ? std::optional(best->address) : std::nullopt;
}

Result<Path> Routes::lookup(const IpAddress& destination, const std::optional<IpAddress>& source) {
    return look_up(destination, source, packet_mark);
}

Result<Path> Routes::lookup_unmarked(const IpAddress& destination, const std::optional<IpAddress>& source) {
    return look_up(destination, source, 0);
}

Result<Path> Routes::look_up(const IpAddress& destination, const std::optional<IpAddress>& source,
                             std::uint32_t mark) {
    Request request(RTM_GETROUTE, 0);
    auto* family = request.family<rtmsg>();
    family->rtm_family = destination.is_v4() ? AF_INET : AF_INET6;
    family->rtm_dst_len = destination.is_v4() ? 32 : 128;
    request.address(RTA_DST, destination);
    if (source && source->is_v4() == destination.is_v4()) {
        family->rtm_src_len = family->rtm_dst_len;
        request.address(RTA_SRC, *source);
    }
    mnl_attr_put_u32(request.get(), RTA_MARK, mark);
    Path path;
    int type = RTN_UNICAST;
    auto done = ask(request.get(), [&](const nlmsghdr* message) {
        type = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message))->rtm_type;
        each_attribute(message, sizeof(rtmsg), [&](const nlattr* attribute) {
            unsigned advmss = 0;
            switch (mnl_attr_get_type(attribute)) {
                case RTA_OIF:
                    path.device = u32_of(attribute);
                    break;
                case RTA_PREFSRC:
                    path.source = address_of(attribute).value_or(IpAddress{});
                    break;
                case RTA_GATEWAY:
                    path.gateway = address_of(attribute);
                    break;
                case RTA_METRICS:
                    read_metrics(attribute, path.mtu, advmss);
                    break;
                default:
                    break;
            }
        });
    });
    if (!done || type == RTN_UNREACHABLE || type == RTN_BLACKHOLE || type == RTN_PROHIBIT) {
        constexpr std::string_view refused = "rtnetlink: ";
        std::string why = done ? "unreachable" : done.error().what;
        if (why.starts_with(refused)) {
            why.erase(0, refused.size());
        }
        return fail(Errc::not_found, fmt::format("no route to {}: {}", destination.text(), why));
    }
    if (path.mtu == 0) {
        path.mtu = CAUSEWAY_TRY(device_mtu(path.device));
    }
    return path;
}

Result<unsigned> Routes::device_mtu(unsigned device) {
    Request request(RTM_GETLINK, 0);
    request.family<ifinfomsg>()->ifi_index = static_cast<int>(device);
    unsigned mtu = 0;
    CAUSEWAY_CHECK(ask(request.get(), [&](const nlmsghdr* message) {
        each_attribute(message, sizeof(ifinfomsg), [&](const nlattr* attribute) {
            if (mnl_attr_get_type(attribute) == IFLA_MTU) {
                mtu = u32_of(attribute);
            }
        });
    }));
    if (mtu == 0) {
        return fail(Errc::not_found, fmt::format("device #{} has no MTU", device));
    }
    return mtu;
}

}  // namespace causeway::host
