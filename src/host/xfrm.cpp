#include "host/xfrm.hpp"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

#include "host/netlink_messages.hpp"

namespace causeway::host {

namespace {

// linux/udp.h's UDP_ENCAP and UDP_ENCAP_ESPINUDP; that header and netinet/udp.h exclude each other.
constexpr int udp_encap_option = 100;
constexpr int udp_encap_esp = 2;
constexpr int protocol = NETLINK_XFRM;

// Groups from 1; the mask of bind() counts from bit 0.
constexpr unsigned group(unsigned number) {
    return 1U << (number - 1);
}

}  // namespace

Result<Xfrm> Xfrm::open() {
    return Xfrm(CAUSEWAY_TRY(NetlinkSocket::open(protocol)));
}

NetlinkOutcome Xfrm::put(const XfrmState& state, XfrmPut how) {
    XfrmMessage message;
    put_state(message, state, how);
    return socket_.ask(message.get());
}

NetlinkOutcome Xfrm::remove(const XfrmId& id) {
    XfrmMessage message;
    put_state_removal(message, id);
    return socket_.ask(message.get());
}

std::optional<XfrmFacts> Xfrm::ask(const XfrmId& id) {
    XfrmMessage message;
    put_state_question(message, id);
    std::optional<XfrmFacts> facts;
    socket_.ask(message.get(), [&](const nlmsghdr* answer) { facts = read_state(answer); });
    return facts;
}

Result<std::vector<XfrmFacts>> Xfrm::states(std::uint32_t if_id) {
    XfrmMessage message;
    put_states_question(message);
    std::vector<XfrmFacts> found;
    const NetlinkOutcome outcome = socket_.ask(message.get(), [&](const nlmsghdr* answer) {
        if (auto one = read_state(answer); one && one->if_id == if_id) {
            found.push_back(std::move(*one));
        }
    });
    if (!outcome.ok()) {
        return fail(outcome.as_error("listing the kernel's IPsec states"));
    }
    return found;
}

NetlinkOutcome Xfrm::put(const XfrmPolicy& policy) {
    XfrmMessage message;
    put_policy(message, policy);
    return socket_.ask(message.get());
}

NetlinkOutcome Xfrm::remove(const XfrmPolicyId& id, std::uint32_t if_id) {
    XfrmMessage message;
    put_policy_removal(message, id, if_id);
    return socket_.ask(message.get());
}

Result<std::vector<XfrmPolicy>> Xfrm::policies(std::uint32_t if_id) {
    XfrmMessage message;
    put_policies_question(message);
    std::vector<XfrmPolicy> found;
    const NetlinkOutcome outcome = socket_.ask(message.get(), [&](const nlmsghdr* answer) {
        if (auto one = read_policy(answer); one && one->if_id == if_id) {
            found.push_back(*one);
        }
    });
    if (!outcome.ok()) {
        return fail(outcome.as_error("listing the kernel's IPsec policies"));
    }
    return found;
}

void XfrmMonitor::Closer::operator()(mnl_socket* socket) const {
    mnl_socket_close(socket);
}

Result<std::unique_ptr<XfrmMonitor>> XfrmMonitor::open(EventLoop& loop) {
    std::unique_ptr<XfrmMonitor> made(new XfrmMonitor);
    made->socket_.reset(mnl_socket_open2(protocol, SOCK_CLOEXEC | SOCK_NONBLOCK));
    constexpr unsigned groups = group(XFRMNLGRP_ACQUIRE) | group(XFRMNLGRP_EXPIRE) | group(XFRMNLGRP_MAPPING);
    if (!made->socket_ || mnl_socket_bind(made->socket_.get(), groups, MNL_SOCKET_AUTOPID) < 0) {
        return fail(NetlinkOutcome{errno, {}}.as_error("listening to the kernel's IPsec"));
    }
    made->watch_ = loop.watch(mnl_socket_get_fd(made->socket_.get()), [self = made.get()] {
        // What was left out for want of room comes again: acquires with the next packet, mappings as well, and what has
        // expired is missed when it is asked for.
        static_cast<void>(read_messages(self->socket_.get(), [self](const nlmsghdr* message) {
            if (const auto event = read_event(message); event && self->on_event) {
                self->on_event(*event);
            }
        }));
    });
    return made;
}

XfrmMonitor::~XfrmMonitor() {
    watch_.stop();
}

// The kernel notes the wall clock's seconds, which may have been set meanwhile.
std::optional<Duration> since_last_use(const XfrmFacts& facts) {
    if (!facts.last_used) {
        return std::nullopt;
    }
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    return std::chrono::seconds(now > *facts.last_used ? now - *facts.last_used : 0);
}

bool bypass_ipsec(int socket, bool v4) {
    xfrm_userpolicy_info policy{};
    policy.action = XFRM_POLICY_ALLOW;
    policy.sel.family = v4 ? AF_INET : AF_INET6;
    bool done = true;
    for (const std::uint8_t direction : {XFRM_POLICY_OUT, XFRM_POLICY_IN}) {
        policy.dir = direction;
        // IP_XFRM_POLICY and IPV6_XFRM_POLICY, which musl does not name.
        done =
            ::setsockopt(socket, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? 17 : 35, &policy, sizeof policy) == 0 &&
            done;
    }
    return done;
}

bool esp_in_udp_by_kernel(int socket) {
    const int kind = udp_encap_esp;
    return ::setsockopt(socket, IPPROTO_UDP, udp_encap_option, &kind, sizeof kind) == 0;
}

void esp_in_udp_by_program(int socket) {
    const int none = 0;
    ::setsockopt(socket, IPPROTO_UDP, udp_encap_option, &none, sizeof none);
}

}  // namespace causeway::host
