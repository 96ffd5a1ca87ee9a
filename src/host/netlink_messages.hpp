// What lies in a netlink socket that somebody listens to for changes, and the attributes of a message.
#pragma once

#include <cstddef>
#include <functional>

struct mnl_socket;
struct nlattr;
struct nlmsghdr;

namespace causeway::host {

/// Hands all that has come to `look_at`, and does not wait for more. False: the kernel had no room and left messages
/// out (ENOBUFS), so that what has changed has to be found out by looking.
[[nodiscard]] bool read_messages(mnl_socket* socket, const std::function<void(const nlmsghdr*)>& look_at);

/// Each attribute behind a body of so many octets; those that are cut short are left out.
void each_attribute(const nlmsghdr* message, std::size_t body,
                    const std::function<void(const nlattr*)>& look_at);
/// Each attribute inside one.
void each_nested(const nlattr* nest, const std::function<void(const nlattr*)>& look_at);

}  // namespace causeway::host
