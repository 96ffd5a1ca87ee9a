// The UDP ports of IKE.
#pragma once

#include <cstdint>

namespace causeway {

inline constexpr std::uint16_t ike_port = 500;  ///< RFC 2408 2.5.1
inline constexpr std::uint16_t nat_t_port =
    4500;  ///< IKE behind NAT, and ESP in UDP (RFC 3947 4, RFC 3948 2)

}  // namespace causeway
