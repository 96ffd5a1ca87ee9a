// Watches this machine's addresses, links and routes by rtnetlink, and says when they have changed: a new
// address from the provider, a device that appears, a default route that moves. Used by the daemon, on its
// loop. It changes nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "host/event_loop.hpp"
#include "host/routes.hpp"

struct mnl_socket;
struct nlmsghdr;

namespace causeway::host {

class NetworkMonitor {
 public:
    struct Change {
        bool addresses = false;  ///< the list is another one than before
        bool ways_out =
            false;  ///< a default route, or a device with addresses that went up, down or was replaced
    };
    /// Changes come in bursts (a reconnect touches everything); they are gathered for this long.
    static constexpr Duration quiet_time = std::chrono::milliseconds(100);

    /// Addresses of `own_device` and its state are none of the peer's business and do not count.
    static Result<std::unique_ptr<NetworkMonitor>> open(EventLoop& loop, std::string own_device);
    NetworkMonitor(const NetworkMonitor&) = delete;
    NetworkMonitor& operator=(const NetworkMonitor&) = delete;
    ~NetworkMonitor();

    /// Called after every burst, also when nothing that counts has changed: routes of ours may be gone.
    std::function<void(const Change&)> on_change;

    /// All addresses but loopback's, link-local ones, the own device's, and what cannot be used yet; sorted.
    [[nodiscard]] const std::vector<IpAddress>& addresses() const { return addresses_; }

 private:
    NetworkMonitor(EventLoop& loop, std::string own_device, Routes routes);
    void receive();
    void look_at(const nlmsghdr* message);
    void settle();
    void read();

    EventLoop& loop_;
    std::string own_device_;
    mnl_socket* socket_ = nullptr;
    EventLoop::Watch watch_;
    EventLoop::Timer quiet_;
    Routes routes_;
    std::vector<IpAddress> addresses_;
    std::vector<std::string> ways_out_;
    bool burst_ = false;
};

}  // namespace causeway::host
