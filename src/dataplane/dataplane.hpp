// What an installed SA means for packets: one interface, several answers (userspace/; kernel/
// later). The host owns the UDP sockets; the plane borrows them, and hands IKE datagrams up. Runs on the
// daemon's event loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/event.hpp"
#include "base/result.hpp"
#include "sa/sa.hpp"

namespace causeway::dataplane {

/// A configured tunnel, up or not: packets between its networks leave encrypted or not at all.
struct Policy {
    sa::ReqId reqid = 0;
    std::string name;
    TrafficSelector local;
    TrafficSelector remote;
    bool acquire = true;  ///< a packet without an SA is queued (bounded) and reported as sa::Acquire
    friend bool operator==(const Policy&, const Policy&) = default;
};

class DataPlane : public sa::UsageSource {
 public:
    /// Replaces the whole list. Routes and the fail-closed guards follow it.
    virtual Result<void> set_policies(std::span<const Policy> policies) = 0;
    virtual Result<void> install(std::shared_ptr<const sa::SaPair> pair, bool outbound) = 0;
    virtual void activate_outbound(sa::SaId id) = 0;
    virtual void remove(sa::SaId id) = 0;
    virtual void move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
                      sa::Encapsulation encapsulation) = 0;
    /// A datagram from a UDP socket that is not IKE (esp::classify said so).
    virtual void esp_in_udp(const Endpoint& local, const Endpoint& remote, std::span<std::uint8_t> datagram,
                            std::uint8_t outer_tos) = 0;

    std::function<void(sa::Event)> on_event;
    std::function<void(Event)> on_report;
};

}  // namespace causeway::dataplane
