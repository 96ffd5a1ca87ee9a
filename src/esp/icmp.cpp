#include "esp/icmp.hpp"

#include <algorithm>

#include "esp/checksum.hpp"
#include "esp/octets.hpp"

namespace causeway::esp {

namespace {

constexpr std::size_t ip_header = 20;
constexpr std::size_t icmp_header = 8;
constexpr std::size_t largest_message = 576;  // RFC 1812 4.3.2.3

bool is_icmp_error(ByteView packet, const InnerPacket& inner) {
    if (inner.protocol != protocol_icmp || inner.total_length <= inner.header_octets) {
        return false;
    }
    const std::uint8_t type = packet[inner.header_octets];
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

bool is_single_host(std::uint32_t address) {
    const std::uint32_t first = address >> 24;
    return first != 0 && first != 127 && first < 224;
}

}  // namespace

Bytes fragmentation_needed(ByteView packet, const InnerPacket& inner, std::size_t next_hop_mtu) {
    if (is_icmp_error(packet, inner) || inner.fragment_offset != 0 || !is_single_host(inner.source) ||
        !is_single_host(inner.destination)) {
        return {};
    }
    const std::size_t quoted =
        std::min<std::size_t>(inner.total_length, largest_message - ip_header - icmp_header);
    Bytes message(ip_header + icmp_header + quoted);
    std::uint8_t* ip = message.data();
    ip[0] = 0x45;
    ip[1] = 0xc0;  // precedence "internetwork control" (RFC 1812 4.3.2.5)
    store16(ip + 2, static_cast<std::uint16_t>(message.size()));
    ip[8] = 64;
    ip[9] = protocol_icmp;
    store32(ip + 12, inner.destination);
    store32(ip + 16, inner.source);
    store16(ip + 10, internet_checksum({ip, ip_header}));

    std::uint8_t* icmp = ip + ip_header;
    icmp[0] = 3;  // destination unreachable
    icmp[1] = 4;  // fragmentation needed and DF set
    store16(icmp + 6, static_cast<std::uint16_t>(next_hop_mtu));
    std::copy_n(packet.data(), quoted, icmp + icmp_header);
    store16(icmp + 2, internet_checksum({icmp, icmp_header + quoted}));
    return message;
}

}  // namespace causeway::esp
