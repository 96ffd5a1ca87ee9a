// IPv4 fragmentation before encapsulation (RFC 791 3.2, RFC 4301 8.2): for packets without DF that are larger
// than what the tunnel carries in one piece. Pure.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "esp/inner_packet.hpp"

namespace causeway::esp {

/// One fragment to be: the header is complete, the payload still lies in the original packet.
struct Fragment {
    std::uint8_t header[60] = {};
    std::size_t header_octets = 0;
    ByteView payload{};
};

/// Cuts a packet into fragments of at most `mtu` octets, one after the other. A packet that fits is one
/// "fragment". An `mtu` too small for header and 8 octets yields nothing.
class Fragmenter {
 public:
    Fragmenter(ByteView packet, const InnerPacket& inner, std::size_t mtu);
    /// False when the packet is used up. `out.payload` lives as long as the packet.
    bool next(Fragment& out);

 private:
    void write_header(Fragment& out, std::size_t payload_octets) const;

    ByteView packet_;
    const InnerPacket inner_;
    std::size_t mtu_;
    std::size_t at_;  ///< of the next payload octet
    bool done_ = false;
};

}  // namespace causeway::esp
