// What sendmmsg() gets, datagrams and trains of them as messages with their addresses and control parts, and how a
// train that arrived is taken apart. Used by UdpSocket alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/socket.h>
#include <sys/uio.h>
#include <vector>

#include "host/socket_address.hpp"
#include "host/udp_socket.hpp"

namespace causeway::host {

// linux/udp.h; the C library's header may be older than the kernel.
inline constexpr int udp_segment_option = 103;
inline constexpr int udp_gro_option = 104;

inline constexpr std::size_t udp_control_octets = 128;

struct alignas(cmsghdr) UdpControl {
    std::array<std::uint8_t, udp_control_octets> octets;
};

/// Stays where it is built: the messages point into it. Nothing is initialized that is not used.
class UdpMessages {
 public:
    static constexpr std::size_t most_messages = UdpRoom::batch_datagrams;
    static constexpr std::size_t most_datagrams = 4 * most_messages;

    void clear() { count_ = datagrams_ = 0; }
    /// One datagram, or those of one train; borrowed. False when there is no room left for them.
    bool add(std::span<const UdpOutgoing> train);

    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] std::span<const UdpOutgoing> train(std::size_t message) const { return trains_[message]; }
    [[nodiscard]] std::span<mmsghdr> from(std::size_t message) {
        return std::span(headers_).first(count_).subspan(message);
    }

 private:
    struct Envelope {
        SocketAddress to;
        UdpControl control;
    };

    std::size_t count_ = 0;
    std::size_t datagrams_ = 0;
    std::array<Envelope, most_messages> envelopes_;
    std::array<mmsghdr, most_messages> headers_;
    std::array<std::span<const UdpOutgoing>, most_messages> trains_;
    std::array<iovec, most_datagrams> data_;
};

/// How many datagrams at the front can go as one message: to one place in one manner, of one size, the last of
/// them perhaps shorter. 1: it goes alone. Two are enough to be cheaper than two messages of one sendmmsg(): over
/// veth, CPU time of the sender's thread for each of 1428 octets, best of 25 runs (Zen 4, Linux 6.18):
///     datagrams in a train                           1    2    3    4    8   16   45
///     device that takes trains                    1050  580  410  320  190  137  117 ns
///     cut before the device (gso_max_segs 1)      1090  810  640  565  450  430  400 ns
std::size_t train_length(std::span<const UdpOutgoing> batch);

/// Appends the datagrams of a message that arrived, which are like `like` but for their payload, and returns how
/// many there are. `segment`: the size of each but the last; 0, or more than there is: it is one datagram.
std::size_t split_train(std::span<std::uint8_t> whole, std::size_t segment, const UdpDatagram& like,
                        std::vector<UdpDatagram>& out);

}  // namespace causeway::host
