// The ICMP message that tells a sender behind us to send smaller packets (RFC 792, RFC 1191 4). Pure.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "esp/inner_packet.hpp"

namespace causeway::esp {

/// "Fragmentation needed and DF set" about `packet`, as an IPv4 packet from its destination to its source: a
/// source of our own would be refused by the kernel as a martian. Empty when no ICMP error may be sent about
/// it (RFC 1122 3.2.2: ICMP errors, later fragments, sources that are no single host).
Bytes fragmentation_needed(ByteView packet, const InnerPacket& inner, std::size_t next_hop_mtu);

}  // namespace causeway::esp
