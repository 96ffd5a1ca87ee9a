// How ESP-in-UDP leaves: the host owns the sockets on port 4500 and lends them to the plane through this
// interface. Implemented by the daemon over host's UDP sockets, and by tests.
#pragma once

#include <cstdint>
#include <span>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace causeway::dataplane {

class EspUdpSender {
 public:
    struct Datagram {
        Endpoint local{};
        Endpoint remote{};
        ByteView payload{};
        std::uint8_t tos = 0;  ///< of the outer IP header
    };

    EspUdpSender() = default;
    EspUdpSender(const EspUdpSender&) = delete;
    EspUdpSender& operator=(const EspUdpSender&) = delete;
    virtual ~EspUdpSender() = default;

    /// Sends one datagram, never with DF set: the path fragments what does not fit. False: it was not sent.
    virtual bool send(const Endpoint& local, const Endpoint& remote, ByteView payload, std::uint8_t tos) = 0;

    /// Sends many, in order; returns how many were not sent. For a socket that can do better than one at a
    /// time.
    virtual std::size_t send_batch(std::span<const Datagram> batch) {
        std::size_t failed = 0;
        for (const Datagram& d : batch) {
            failed += send(d.local, d.remote, d.payload, d.tos) ? 0 : 1;
        }
        return failed;
    }
};

}  // namespace causeway::dataplane
