// TCP maximum segment size, lowered in passing: the belt to the braces of path MTU discovery. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "esp/inner_packet.hpp"

namespace causeway::esp {

/// In a TCP SYN, lowers the MSS option to `limit` and keeps the TCP checksum right (RFC 1624). A SYN without
/// the option is left alone: its peer assumes 536 (RFC 9293 3.7.1). `packet` is what `inner` was parsed from.
/// True when it changed something.
bool clamp_mss(std::span<std::uint8_t> packet, const InnerPacket& inner, std::uint16_t limit);

/// TCP begins with this packet: a SYN, with ACK or without.
bool is_syn(ByteView packet, const InnerPacket& inner);

/// The MSS that fits an inner MTU: 20 octets IP and 20 TCP less.
inline std::uint16_t mss_for(std::size_t inner_mtu) {
    return static_cast<std::uint16_t>(inner_mtu - 40);
}

}  // namespace causeway::esp
