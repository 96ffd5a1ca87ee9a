#include "host/netlink_messages.hpp"

#include <array>
#include <cerrno>
#include <libmnl/libmnl.h>

namespace causeway::host {

namespace {

// libmnl's callbacks are C, and carry a pointer.
int call(const nlattr* attribute, void* look_at) {
    (*static_cast<const std::function<void(const nlattr*)>*>(look_at))(attribute);
    return MNL_CB_OK;
}

}  // namespace

void each_attribute(const nlmsghdr* message, std::size_t body,
                    const std::function<void(const nlattr*)>& look_at) {
    mnl_attr_parse(message, static_cast<unsigned>(body), call,
                   const_cast<std::function<void(const nlattr*)>*>(&look_at));
}

void each_nested(const nlattr* nest, const std::function<void(const nlattr*)>& look_at) {
    mnl_attr_parse_nested(nest, call, const_cast<std::function<void(const nlattr*)>*>(&look_at));
}

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
