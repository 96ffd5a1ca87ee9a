// From a captured frame to what IPsec is interested in: the datagram in a UDP packet on port 500 or 4500, or
// the ESP packet. Pure; reassembles nothing, checks no checksum.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace causeway::cli {

/// A datagram on its way, out of a frame. Views point into the frame.
struct Parcel {
    enum class Kind {
        udp,       ///< payload of a UDP datagram with port 500 or 4500 at either end
        esp,       ///< IP protocol 50
        fragment,  ///< a part of such a packet: what is in it cannot be said
    };
    Kind kind = Kind::udp;
    Endpoint source{};  ///< port 0 where there is none
    Endpoint destination{};
    ByteView payload;
    std::size_t missing = 0;  ///< octets that the capture cut off
};

/// Whether frames of this link type are understood: Ethernet (VLAN tags and PPPoE included), raw IP, Linux
/// cooked 1 and 2.
bool is_known_link_type(std::uint32_t link_type);

/// Nothing for every frame that has nothing to do with IKE or ESP, or is too broken to tell.
std::optional<Parcel> dissect(std::uint32_t link_type, ByteView frame);

}  // namespace causeway::cli
