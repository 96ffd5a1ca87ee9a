// What lies in a netlink socket that somebody listens to for changes.
#pragma once

#include <functional>

struct mnl_socket;
struct nlmsghdr;

namespace causeway::host {

/// Hands all that has come to `look_at`, and does not wait for more. False: the kernel had no room and left messages
/// out (ENOBUFS), so that what has changed has to be found out by looking.
[[nodiscard]] bool read_messages(mnl_socket* socket, const std::function<void(const nlmsghdr*)>& look_at);

}  // namespace causeway::host
