#include "esp/inner_packet.hpp"

#include "esp/octets.hpp"

namespace causeway::esp {

namespace {

constexpr std::uint8_t protocol_dccp = 33;
constexpr std::uint8_t protocol_sctp = 132;
constexpr std::uint8_t protocol_udp_lite = 136;

bool has_ports(std::uint8_t protocol) {
    switch (protocol) {
        case protocol_tcp:
        case protocol_udp:
        case protocol_dccp:
        case protocol_sctp:
        case protocol_udp_lite:
            return true;
        default:
            return false;
    }
}

bool fits_side(const TrafficSelector& selector, std::uint32_t address, std::uint16_t port,
               const InnerPacket& packet) {
    if (!selector.net.contains(address)) {
        return false;
    }
    if (selector.protocol != 0 && selector.protocol != packet.protocol) {
        return false;
    }
    return selector.port == 0 || (packet.ports_known && selector.port == port);
}

}  // namespace

std::optional<InnerPacket> parse_inner(ByteView packet) {
    if (packet.size() < 20 || packet[0] >> 4 != 4) {
        return std::nullopt;
    }
    InnerPacket inner;
    inner.header_octets = static_cast<std::uint16_t>((packet[0] & 0x0f) * 4);
    inner.total_length = load16(&packet[2]);
    if (inner.header_octets < 20 || inner.total_length < inner.header_octets ||
        inner.total_length > packet.size()) {
        return std::nullopt;
    }
    inner.tos = packet[1];
    const std::uint16_t fragment = load16(&packet[6]);
    inner.dont_fragment = (fragment & 0x4000) != 0;
    inner.more_fragments = (fragment & 0x2000) != 0;
    inner.fragment_offset = static_cast<std::uint16_t>((fragment & 0x1fff) * 8);
    inner.protocol = packet[9];
    inner.source = load32(&packet[12]);
    inner.destination = load32(&packet[16]);
    if (has_ports(inner.protocol) && inner.fragment_offset == 0 &&
        inner.total_length >= inner.header_octets + 4) {
        inner.ports_known = true;
        inner.source_port = load16(&packet[inner.header_octets]);
        inner.destination_port = load16(&packet[inner.header_octets + 2U]);
    }
    return inner;
}

bool fits_outbound(const TrafficSelector& local, const TrafficSelector& remote, const InnerPacket& packet) {
    return fits_side(local, packet.source, packet.source_port, packet) &&
           fits_side(remote, packet.destination, packet.destination_port, packet);
}

bool fits_inbound(const TrafficSelector& local, const TrafficSelector& remote, const InnerPacket& packet) {
    return fits_side(local, packet.destination, packet.destination_port, packet) &&
           fits_side(remote, packet.source, packet.source_port, packet);
}

}  // namespace causeway::esp
