#include "host/netlink_messages.hpp"

#include <array>
#include <cerrno>
#include <libmnl/libmnl.h>

namespace causeway::host {

bool read_messages(mnl_socket* socket, const std::function<void(const nlmsghdr*)>& look_at) {
    alignas(nlmsghdr) std::array<char, 32768> room{};
    bool complete = true;
    for (;;) {
        const ssize_t got = mnl_socket_recvfrom(socket, room.data(), room.size());
        if (got < 0 && errno == ENOBUFS) {
            complete = false;
            continue;
        }
        if (got <= 0) {
            return complete;
        }
        auto left = static_cast<int>(got);
        for (const auto* message = reinterpret_cast<const nlmsghdr*>(room.data());
             mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
            look_at(message);
        }
    }
}

}  // namespace causeway::host
