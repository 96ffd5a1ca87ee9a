// What routers and hosts on the way say of our IKE packets: ICMP destination unreachable (RFC 792). Anybody can write
// that, so it is a hint and nothing more. IPv4. Used by the daemon, on its loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "host/event_loop.hpp"

namespace causeway::host {

struct Unreachable {
    Endpoint local{};       ///< where the packet that is spoken of came from: a port of IKE
    Endpoint remote{};      ///< where it was to go
    IpAddress reporter{};   ///< who says so
    std::uint8_t code = 0;  ///< RFC 792, RFC 1812 5.2.7.1: 3 is "port unreachable"

    friend bool operator==(const Unreachable&, const Unreachable&) = default;
};

/// `packet`: IPv4 header and what follows, as a raw socket gives it. Nothing: it is no such message, or about no UDP
/// packet from port 500 or 4500.
std::optional<Unreachable> read_unreachable(ByteView packet);

class IcmpMonitor {
 public:
    /// An error means that this machine gives no raw socket.
    static Result<std::unique_ptr<IcmpMonitor>> open(EventLoop& loop);
    IcmpMonitor(const IcmpMonitor&) = delete;
    IcmpMonitor& operator=(const IcmpMonitor&) = delete;
    ~IcmpMonitor();

    std::function<void(const Unreachable&)> on_unreachable;

 private:
    IcmpMonitor() = default;
    void receive();

    int fd_ = -1;
    EventLoop::Watch watch_;
};

}  // namespace causeway::host
