// What the data plane must know of a packet inside the tunnel (IPv4): lengths checked, ports where they can
// be known. Pure; the view given must outlive nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace causeway::esp {

inline constexpr std::uint8_t protocol_icmp = 1;
inline constexpr std::uint8_t protocol_ipv4 = 4;  ///< IPv4 in something: the next header of tunnel mode
inline constexpr std::uint8_t protocol_tcp = 6;
inline constexpr std::uint8_t protocol_udp = 17;
inline constexpr std::uint8_t protocol_none = 59;  ///< a dummy packet (RFC 4303 2.6)

struct InnerPacket {
    std::uint32_t source = 0;  ///< host order, as all numbers here
    std::uint32_t destination = 0;
    std::uint16_t total_length = 0;  ///< octets, header included; not more than the view had
    std::uint16_t header_octets = 0;
    std::uint16_t fragment_offset = 0;  ///< octets
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint8_t protocol = 0;
    std::uint8_t tos = 0;
    bool ports_known = false;  ///< false for later fragments, for protocols without ports, and for stumps
    bool more_fragments = false;
    bool dont_fragment = false;
};

/// Nothing when it is no IPv4 packet, or its header or total length do not fit the octets. The header
/// checksum is the business of whoever receives the packet.
std::optional<InnerPacket> parse_inner(ByteView packet);

/// RFC 4301 4.4.1.1: does a packet that leaves fit the SA's selectors? Opaque ports fit "any" only.
bool fits_outbound(const TrafficSelector& local, const TrafficSelector& remote, const InnerPacket& packet);
/// The same for a packet that came through the tunnel (RFC 4301 5.2 step 4).
bool fits_inbound(const TrafficSelector& local, const TrafficSelector& remote, const InnerPacket& packet);

}  // namespace causeway::esp
