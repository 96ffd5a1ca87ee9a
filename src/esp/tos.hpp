// DSCP and ECN across the tunnel. IKEv1 negotiates nothing here, so encapsulation uses the compatibility mode
// of RFC 6040 4.1 and decapsulation its table in 4.2. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace causeway::esp {

inline constexpr std::uint8_t ecn_mask = 0x03;
inline constexpr std::uint8_t ecn_not_ect = 0x00;
inline constexpr std::uint8_t ecn_ect1 = 0x01;
inline constexpr std::uint8_t ecn_ect0 = 0x02;
inline constexpr std::uint8_t ecn_ce = 0x03;

/// The outer TOS octet: DSCP copied (RFC 4301 5.1.2) or zero, ECN always Not-ECT.
std::uint8_t outer_tos(std::uint8_t inner_tos, bool copy_dscp);

/// The inner TOS octet after decapsulation: its own DSCP, ECN by RFC 6040 figure 4. Nothing: drop the packet,
/// congestion was signalled to an end that cannot understand it.
std::optional<std::uint8_t> decapsulated_tos(std::uint8_t outer_tos, std::uint8_t inner_tos);

/// Writes the TOS octet of an IPv4 header and keeps its checksum right.
void set_tos(std::uint8_t* ipv4_header, std::uint8_t tos);

}  // namespace causeway::esp
