// One UDP socket of one address family, bound to a port on all addresses. It learns at which of our addresses
// and on which device each datagram arrived, and sends from the address it is told. It never blocks and sets
// DF only when asked to: what does not fit is fragmented on its way (RFC 3948 leaves that to IP). With offloads
// the system takes and gives a train, datagrams of one size between the same two ends, as one message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/offload.hpp"
#include "base/result.hpp"
#include "host/no_trains.hpp"

namespace causeway::host {

struct UdpDatagram {
    Endpoint local{};
    Endpoint remote{};
    std::span<std::uint8_t> payload{};  ///< may be written to
    std::uint8_t tos = 0;               ///< TOS or traffic class of the IP header
    unsigned device = 0;                ///< index of the device it arrived on
};

struct UdpOutgoing {
    IpAddress local{};  ///< unspecified: the route decides
    Endpoint remote{};
    ByteView payload{};
    std::uint8_t tos = 0;
    /// It arrives in one piece or not at all, whatever the system knows of the path's MTU. send() only.
    bool dont_fragment = false;
};

/// Room for one batch of datagrams of the greatest size, shared by the sockets of one thread. Memory that no
/// datagram has filled is never touched.
class UdpRoom {
 public:
    static constexpr std::size_t batch_datagrams = 64;

    UdpRoom();
    UdpRoom(const UdpRoom&) = delete;
    UdpRoom& operator=(const UdpRoom&) = delete;
    ~UdpRoom();

 private:
    friend class UdpSocket;
    struct Slots;
    std::unique_ptr<Slots> slots_;
};

class UdpMessages;

struct UdpOffload {
    OffloadWish send = OffloadWish::off;     ///< UDP_SEGMENT
    OffloadWish receive = OffloadWish::off;  ///< UDP_GRO
};

class UdpSocket {
 public:
    enum class Family { v4, v6 };

    /// Port 0: any free one. Errors: exists (the port is taken), permission, unsupported (the machine does
    /// not speak this family), system.
    static Result<UdpSocket> open(Family family, std::uint16_t port, const UdpOffload& offload = {});
    UdpSocket(UdpSocket&& other) noexcept;
    UdpSocket& operator=(UdpSocket&& other) noexcept;
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;
    ~UdpSocket();

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] Family family() const { return family_; }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// What it sends has the mark of packet_mark.hpp; false where the system refused that.
    [[nodiscard]] bool marked() const { return marked_; }
    /// On, and yet a reason: some addresses get none for a while.
    [[nodiscard]] OffloadState sends_trains();
    [[nodiscard]] const OffloadState& receives_trains() const { return receives_trains_; }
    /// ESP in UDP that comes here is the kernel's from now on (RFC 3948), and keepalives; no trains come any more. False:
    /// this kernel cannot.
    bool leave_esp_to_kernel();
    /// It comes here again, datagram by datagram.
    void take_esp_from_kernel();
    /// What it sends and receives passes by all policies of the kernel's IPsec. False: this kernel refuses.
    bool bypass_ipsec();

    /// Datagrams to this address leave one by one for a while, those of the size at least of which the system
    /// refused a train on the way to it. They were sent all the same.
    std::function<void(const IpAddress& remote, std::string_view why)> on_no_trains;

    /// What has arrived, at most one batch of messages, each a datagram or a train; valid until the next call
    /// with the same room. Truncated datagrams do not exist: the room holds the longest.
    std::span<UdpDatagram> receive(UdpRoom& room);

    Result<void> send(const UdpOutgoing& datagram);
    /// In order, as trains where that is cheaper; returns how many datagrams the system did not take.
    std::size_t send_batch(std::span<const UdpOutgoing> batch);

 private:
    UdpSocket(int fd, Family family) : fd_(fd), family_(family) {}
    std::size_t send_messages(std::span<const UdpOutgoing> batch, bool trains);
    std::size_t send_all(UdpMessages& messages);
    std::size_t send_apart(std::span<const UdpOutgoing> train, int error);
    std::size_t length_of_train(std::span<const UdpOutgoing> batch);

    int fd_ = -1;
    Family family_ = Family::v4;
    std::uint16_t port_ = 0;
    bool marked_ = false;
    OffloadState sends_trains_;
    OffloadState receives_trains_;
    NoTrains no_trains_;
    std::string last_refusal_;
    unsigned since_train_ = 0;  ///< single datagrams that have come since the last train; counts no further
};

}  // namespace causeway::host
