#include "host/network_monitor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <utility>

#include "host/routes.hpp"
#include "host/socket_address.hpp"

namespace causeway::host {
namespace {

bool is_default_route(const rtmsg& route) {
    return route.rtm_dst_len == 0 && route.rtm_type == RTN_UNICAST;
}

}  // namespace

Result<std::unique_ptr<NetworkMonitor>> NetworkMonitor::open(EventLoop& loop, std::string own_device) {
    std::unique_ptr<NetworkMonitor> made(new NetworkMonitor(loop, std::move(own_device)));
    made->socket_ = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    constexpr unsigned groups =
        RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    if (made->socket_ == nullptr || mnl_socket_bind(made->socket_, groups, MNL_SOCKET_AUTOPID) < 0) {
        return fail(Errc::system, fmt::format("watching addresses by rtnetlink: {}", std::strerror(errno)));
    }
    made->addresses_ = made->read_addresses();
    made->watch_ = loop.watch(mnl_socket_get_fd(made->socket_), [self = made.get()] { self->receive(); });
    return made;
}

NetworkMonitor::NetworkMonitor(EventLoop& loop, std::string own_device)
    : loop_(loop), own_device_(std::move(own_device)), quiet_(loop_.timer([this] { settle(); })) {}

NetworkMonitor::~NetworkMonitor() {
    watch_.stop();
    if (socket_ != nullptr) {
        mnl_socket_close(socket_);
    }
}

void NetworkMonitor::receive() {
    std::array<char, 32768> room{};
    for (;;) {
        const ssize_t got = mnl_socket_recvfrom(socket_, room.data(), room.size());
        if (got < 0 && errno == ENOBUFS) {
            // Messages were lost; what they said is found out by looking.
            ways_out_changed_ = true;
            burst_ = true;
            continue;
        }
        if (got <= 0) {
            break;
        }
        auto left = static_cast<int>(got);
        for (const auto* message = reinterpret_cast<const nlmsghdr*>(room.data());
             mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
            look_at(message);
        }
    }
    if (burst_) {
        quiet_.arm(now() + quiet_time);
    }
}

void NetworkMonitor::look_at(const nlmsghdr* message) {
    switch (message->nlmsg_type) {
        case RTM_NEWADDR:
        case RTM_DELADDR:
            burst_ = true;
            break;
        case RTM_NEWLINK:
        case RTM_DELLINK: {
            const auto* link = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
            std::array<char, IF_NAMESIZE> name{};
            const bool own =
                ::if_indextoname(static_cast<unsigned>(link->ifi_index), name.data()) != nullptr &&
                own_device_ == name.data();
            burst_ = true;
            ways_out_changed_ = ways_out_changed_ || !own;
            break;
        }
        case RTM_NEWROUTE:
        case RTM_DELROUTE: {
            const auto* route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
            // Routes we have just placed ourselves are no news; that one of them is gone may be.
            if (route->rtm_table != RT_TABLE_MAIN ||
                (route->rtm_protocol == route_protocol && message->nlmsg_type == RTM_NEWROUTE)) {
                break;
            }
            burst_ = true;
            ways_out_changed_ = ways_out_changed_ || is_default_route(*route);
            break;
        }
        default:
            break;
    }
}

void NetworkMonitor::settle() {
    std::vector<IpAddress> fresh = read_addresses();
    const Change change{fresh != addresses_, std::exchange(ways_out_changed_, false)};
    addresses_ = std::move(fresh);
    burst_ = false;
    if (on_change) {
        on_change(change);
    }
}

std::vector<IpAddress> NetworkMonitor::read_addresses() const {
    std::vector<IpAddress> found;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) {
        return addresses_;
    }
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || own_device_ == one->ifa_name ||
            (one->ifa_addr->sa_family != AF_INET && one->ifa_addr->sa_family != AF_INET6)) {
            continue;
        }
        const IpAddress address = from_system(one->ifa_addr).address;
        if (!address.is_loopback() && !address.is_link_local()) {
            found.push_back(address);
        }
    }
    ::freeifaddrs(list);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

}  // namespace causeway::host
