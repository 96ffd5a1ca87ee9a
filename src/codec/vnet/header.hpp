// The ten octets before each packet on a TUN device that was asked for them (IFF_VNET_HDR): what is left to do
// with a packet that the system handed over unfinished, or what it may do with one that it gets (virtio 1.2,
// 5.1.6; linux/virtio_net.h, which C++ cannot include). Numbers are in the machine's byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace causeway::vnet {

inline constexpr std::size_t header_octets = 10;

enum class Segmentation : std::uint8_t {
    none,
    tcp4,  ///< TCP over IPv4
    tcp6,
    udp,  ///< datagrams of one size one after the other, the last may be shorter (UDP_L4, Linux 6.2)
};

struct Header {
    /// The transport checksum's field holds the sum over the pseudo-header only; the rest, from
    /// `checksum_start` on, is to be added and stored at `checksum_start + checksum_offset`.
    bool needs_checksum = false;
    bool ecn = false;  ///< the first segment alone carries CWR
    Segmentation segmentation = Segmentation::none;
    /// IP and transport header. What the kernel says of a forwarded packet may be the length of its first
    /// part: not to be relied on.
    std::uint16_t headers_octets = 0;
    std::uint16_t segment_octets = 0;  ///< payload of each segment but the last
    std::uint16_t checksum_start = 0;
    std::uint16_t checksum_offset = 0;

    friend bool operator==(const Header&, const Header&) = default;
};

/// Nothing when it is shorter than ten octets or names a segmentation that is not above.
std::optional<Header> decode(ByteView octets);
void encode(const Header& header, std::span<std::uint8_t, header_octets> octets);

}  // namespace causeway::vnet
