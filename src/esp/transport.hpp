// Where things stand in TCP and UDP headers (RFC 9293 3.1, RFC 768), as far as trains of segments are concerned.
#pragma once

#include <cstddef>
#include <cstdint>

namespace causeway::esp {

inline constexpr std::size_t ipv4_header_octets = 20;  ///< without options

inline constexpr std::size_t tcp_header_octets = 20;  ///< without options
inline constexpr std::size_t tcp_sequence_at = 4;
inline constexpr std::size_t tcp_acknowledgement_at = 8;
inline constexpr std::size_t tcp_offset_at = 12;
inline constexpr std::size_t tcp_flags_at = 13;
inline constexpr std::size_t tcp_window_at = 14;
inline constexpr std::size_t tcp_checksum_at = 16;
inline constexpr std::size_t tcp_urgent_at = 18;

inline constexpr std::uint8_t tcp_fin = 0x01;
inline constexpr std::uint8_t tcp_psh = 0x08;
inline constexpr std::uint8_t tcp_ack = 0x10;
inline constexpr std::uint8_t tcp_cwr = 0x80;

inline constexpr std::size_t udp_header_octets = 8;
inline constexpr std::size_t udp_length_at = 4;
inline constexpr std::size_t udp_checksum_at = 6;

inline constexpr std::size_t largest_packet = 65535;  ///< what an IPv4 total length can say

}  // namespace causeway::esp
