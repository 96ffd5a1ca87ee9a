// The UDP sockets of IKE: ports 500 and 4500, IPv4 and IPv6. Demultiplexes each datagram of the NAT-T port by
// itself (RFC 3948 2: keepalive, IKE or ESP; the other port carries IKE only), puts the non-ESP marker in
// front of IKE that leaves from it, and ignores what arrives on devices IKE is not to be spoken on. Used by
// the daemon, on its loop. It reads no message.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/offload.hpp"
#include "base/ports.hpp"
#include "base/result.hpp"
#include "host/devices.hpp"
#include "host/event_loop.hpp"
#include "host/udp_socket.hpp"

namespace causeway::host {

class IkePorts {
 public:
    struct Ports {
        std::uint16_t ike = ike_port;
        std::uint16_t nat = nat_t_port;
    };
    struct Counters {
        std::uint64_t keepalives = 0;     ///< received
        std::uint64_t runts = 0;          ///< shorter than any message
        std::uint64_t other_devices = 0;  ///< arrived where IKE is not spoken
        std::uint64_t unsent = 0;         ///< refused by the system
    };

    /// Opens all four; a machine without IPv6 gets two. Port 0 means any, for tests: both families then have
    /// different ports. An error of code `exists` says which port is taken and, as far as can be found out,
    /// by whom.
    /// `offload` is for the NAT-T port: what comes to the other one is never many of a size.
    static Result<std::unique_ptr<IkePorts>> open(Ports ports, const UdpOffload& offload = {});

    /// An IKE message, without marker. `local.port` tells the port it came to.
    std::function<void(const Endpoint& local, const Endpoint& remote, ByteView message)> on_ike;
    /// ESP in UDP, from the SPI on; the octets may be changed in place, and live for the call.
    std::function<void(std::span<UdpDatagram> datagrams)> on_esp;
    /// As UdpSocket's.
    std::function<void(const IpAddress& remote, std::string_view why)> on_no_trains;

    /// Begins to receive. `loop` must outlive this.
    void attach(EventLoop& loop);

    /// ESP in UDP is the kernel's from now on: on_esp hears none. An error names what this kernel lacks.
    Result<void> leave_esp_to_kernel();
    /// on_esp hears it again.
    void take_esp_from_kernel();

    void set_devices(DeviceFilter filter) { devices_ = std::move(filter); }
    [[nodiscard]] DeviceFilter& devices() { return devices_; }
    [[nodiscard]] const DeviceFilter& devices() const { return devices_; }

    /// `local.port` chooses the socket; the marker is added here. `dont_fragment`: as of UdpOutgoing.
    Result<void> send_ike(const Endpoint& local, const Endpoint& remote, ByteView message,
                          bool dont_fragment = false);
    /// One octet 0xff from the NAT-T port (RFC 3948 2.3).
    Result<void> send_keepalive(const IpAddress& local, const Endpoint& remote);
    /// ESP in UDP, as it is, from the NAT-T port; returns how many datagrams were not sent.
    std::size_t send_esp(std::span<const UdpOutgoing> batch);

    /// Where we listen, unspecified addresses standing for all.
    [[nodiscard]] std::vector<Endpoint> listening() const;
    /// All that is sent here has the mark of packet_mark.hpp; false where the system refused that.
    [[nodiscard]] bool marked() const;
    /// Of the NAT-T port, as UdpSocket's.
    [[nodiscard]] OffloadState sends_trains() const;
    [[nodiscard]] OffloadState receives_trains() const;
    [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
    struct Listener {
        Listener(UdpSocket opened, bool floated) : socket(std::move(opened)), nat_port(floated) {}
        UdpSocket socket;
        bool nat_port;
        EventLoop::Watch watch{};
    };

    IkePorts() = default;
    Result<void> add(UdpSocket::Family family, std::uint16_t port, bool nat_port, const UdpOffload& offload);
    void receive(Listener& listener);
    [[nodiscard]] Listener* find(bool v4, bool nat_port);
    [[nodiscard]] Listener* find(bool v4, std::uint16_t port);

    std::vector<std::unique_ptr<Listener>> listeners_;
    UdpRoom room_;
    DeviceFilter devices_;
    Counters counters_;
    std::vector<UdpDatagram> esp_;
    Bytes marked_;
};

}  // namespace causeway::host
