// A netlink socket for requests that are answered at once: one request, its acknowledgement or its answers, and the
// kernel's own words when it refuses. Used by the XFRM half of this floor. Answers may hold keys: the room that they
// came into is wiped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"

struct mnl_socket;
struct nlmsghdr;

namespace causeway::host {

/// What the kernel says to a request.
struct NetlinkOutcome {
    int error = 0;     ///< of errno; 0: done
    std::string said;  ///< the kernel's own words (NLMSGERR_ATTR_MSG), as far as it has some

    [[nodiscard]] bool ok() const { return error == 0; }
    /// "Operation not permitted (sa: ...)"; empty when done.
    [[nodiscard]] std::string text() const;
    /// As an error of `what`; EPERM names the capability.
    [[nodiscard]] Error as_error(std::string what) const;
};

class NetlinkSocket {
 public:
    /// `protocol`: NETLINK_ROUTE, NETLINK_XFRM. Errors: unsupported (this kernel has no such family), system.
    static Result<NetlinkSocket> open(int protocol);

    /// Sends a request, which gets its sequence number here, and hands every message of the answer to `on_message`.
    NetlinkOutcome ask(nlmsghdr* request, const std::function<void(const nlmsghdr*)>& on_message = {});

 private:
    struct Closer {
        void operator()(mnl_socket* socket) const;
    };
    std::unique_ptr<mnl_socket, Closer> socket_;
    std::uint32_t sequence_ = 0;
};

}  // namespace causeway::host
