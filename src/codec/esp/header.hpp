// What the octets of a UDP datagram on port 4500, or of an IP packet of protocol 50, are (RFC 3948 2,
// RFC 4303 2).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace causeway::esp {

/// RFC 3948 2.2, 2.3: a datagram on port 4500 is one of these; demultiplexed per datagram.
enum class Kind {
    keepalive,  ///< one octet 0xff
    ike,        ///< non-ESP marker (four zero octets) first
    esp,        ///< SPI first
    runt,       ///< shorter than four octets and no keepalive: dropped
};
Kind classify(ByteView datagram);

inline constexpr std::size_t header_octets = 8;  ///< SPI and sequence number

/// SPI and sequence number of an ESP packet (RFC 4303 2.1, 2.2); nothing when it is shorter than 8 octets.
struct Header {
    std::uint32_t spi = 0;
    std::uint32_t sequence = 0;
};
std::optional<Header> decode_header(ByteView packet);

}  // namespace causeway::esp
