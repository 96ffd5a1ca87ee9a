// The kernel's IPsec by XFRM netlink: states and policies put, asked and removed, and what the kernel tells by itself.
// Called by dataplane/kernel, from one thread; each call is a request and its answer, microseconds apart. It removes what
// it is named and flushes nothing: the kernel's tables belong to other programs as well.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "host/event_loop.hpp"
#include "host/netlink_socket.hpp"
#include "host/xfrm_messages.hpp"

namespace causeway::host {

class Xfrm {
 public:
    /// Errors: unsupported (this kernel has no XFRM), system.
    static Result<Xfrm> open();

    NetlinkOutcome put(const XfrmState& state, XfrmPut how = XfrmPut::add);
    NetlinkOutcome remove(const XfrmId& id);
    /// Nothing: it is not there.
    std::optional<XfrmFacts> ask(const XfrmId& id);
    /// Those of an interface.
    Result<std::vector<XfrmFacts>> states(std::uint32_t if_id);
    NetlinkOutcome put(const XfrmPolicy& policy);
    NetlinkOutcome remove(const XfrmPolicyId& id, std::uint32_t if_id);
    /// Those of an interface.
    Result<std::vector<XfrmPolicy>> policies(std::uint32_t if_id);

 private:
    explicit Xfrm(NetlinkSocket socket) : socket_(std::move(socket)) {}
    NetlinkSocket socket_;
};

/// What the kernel tells of states and policies, those of all programs.
class XfrmMonitor {
 public:
    /// `loop` must outlive it.
    static Result<std::unique_ptr<XfrmMonitor>> open(EventLoop& loop);
    XfrmMonitor(const XfrmMonitor&) = delete;
    XfrmMonitor& operator=(const XfrmMonitor&) = delete;
    ~XfrmMonitor();

    std::function<void(const XfrmEvent&)> on_event;

 private:
    XfrmMonitor() = default;
    struct Closer {
        void operator()(mnl_socket* socket) const;
    };
    std::unique_ptr<mnl_socket, Closer> socket_;
    EventLoop::Watch watch_;
};

/// How long ago the kernel says that a state was used last, to the second; nothing: never, or it does not say.
std::optional<Duration> since_last_use(const XfrmFacts& facts);

/// What this UDP socket sends and receives passes by all policies of IPsec. False: refused, as by a kernel that has none.
bool bypass_ipsec(int socket, bool v4);
/// ESP in UDP that comes to this socket is the kernel's from now on (RFC 3948; udp(7)). False: refused.
bool esp_in_udp_by_kernel(int socket);
/// It is the program's again.
void esp_in_udp_by_program(int socket);

}  // namespace causeway::host
