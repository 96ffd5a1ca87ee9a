#include "host/network_monitor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <utility>

#include "host/devices.hpp"
#include "host/netlink_messages.hpp"

namespace causeway::host {
Result<std::unique_ptr<NetworkMonitor>> NetworkMonitor::open(EventLoop& loop, std::string own_device) {
    std::unique_ptr<NetworkMonitor> made(
        new NetworkMonitor(loop, std::move(own_device), CAUSEWAY_TRY(Routes::open())));
    made->socket_ = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    constexpr unsigned groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                                RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_RULE;
    if (made->socket_ == nullptr || mnl_socket_bind(made->socket_, groups, MNL_SOCKET_AUTOPID) < 0) {
        return fail(Errc::system, fmt::format("watching addresses by rtnetlink: {}", std::strerror(errno)));
    }
    made->read();
    made->watch_ = loop.watch(mnl_socket_get_fd(made->socket_), [self = made.get()] { self->receive(); });
    return made;
}

NetworkMonitor::NetworkMonitor(EventLoop& loop, std::string own_device, Routes routes)
    : loop_(loop),
      own_device_(std::move(own_device)),
      quiet_(loop_.timer([this] { settle(); })),
      routes_(std::move(routes)) {}

NetworkMonitor::~NetworkMonitor() {
    watch_.stop();
    if (socket_ != nullptr) {
        mnl_socket_close(socket_);
    }
}

void NetworkMonitor::receive() {
    if (!read_messages(socket_, [this](const nlmsghdr* message) { look_at(message); })) {
        burst_ = true;
    }
    if (burst_) {
        quiet_.arm(now() + quiet_time);
    }
}

void NetworkMonitor::look_at(const nlmsghdr* message) {
    switch (message->nlmsg_type) {
        case RTM_NEWADDR:
        case RTM_DELADDR:
        case RTM_NEWLINK:
        case RTM_DELLINK:
            burst_ = true;
            break;
        case RTM_NEWROUTE:
        case RTM_DELROUTE: {
            const auto* route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
            // Routes we have just placed ourselves are no news; that one of them is gone may be.
            const bool gone = message->nlmsg_type == RTM_DELROUTE;
            burst_ =
                burst_ || (route->rtm_protocol == route_protocol ? gone : route->rtm_table == RT_TABLE_MAIN);
            break;
        }
        case RTM_DELRULE:
            // systemd-networkd takes away what it has not made itself, ours among them.
            burst_ = true;
            break;
        default:
            break;
    }
}

void NetworkMonitor::settle() {
    const auto addresses = addresses_;
    const auto ways_out = ways_out_;
    read();
    burst_ = false;
    if (on_change) {
        on_change({addresses_ != addresses, ways_out_ != ways_out});
    }
}

// Events only say that it is time to look: wireless devices and router advertisements make many that change
// nothing.
void NetworkMonitor::read() {
    const auto all = routes_.all_addresses();
    if (!all) {
        return;
    }
    const unsigned own = device_index(own_device_);
    addresses_.clear();
    std::vector<unsigned> devices;
    for (const LocalAddress& one : *all) {
        if (one.usable && one.device != own && !one.address.is_loopback() && !one.address.is_link_local()) {
            addresses_.push_back(one.address);
            devices.push_back(one.device);
        }
    }
    std::sort(addresses_.begin(), addresses_.end());
    addresses_.erase(std::unique(addresses_.begin(), addresses_.end()), addresses_.end());
    std::sort(devices.begin(), devices.end());
    devices.erase(std::unique(devices.begin(), devices.end()), devices.end());
    if (auto ways = routes_.ways_out(devices)) {
        ways_out_ = std::move(*ways);
    }
}

}  // namespace causeway::host
