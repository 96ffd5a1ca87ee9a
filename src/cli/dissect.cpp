#include "cli/dissect.hpp"

#include <algorithm>

#include "base/ports.hpp"

namespace causeway::cli {
namespace {

// https://www.tcpdump.org/linktypes.html; 12 and 14 are what some systems write for raw IP.
constexpr std::uint32_t link_ethernet = 1;
constexpr std::uint32_t link_raw_bsd = 12;
constexpr std::uint32_t link_raw_openbsd = 14;
constexpr std::uint32_t link_raw = 101;
constexpr std::uint32_t link_linux_sll = 113;
constexpr std::uint32_t link_ipv4 = 228;
constexpr std::uint32_t link_ipv6 = 229;
constexpr std::uint32_t link_linux_sll2 = 276;

constexpr std::uint16_t ether_ipv4 = 0x0800;
constexpr std::uint16_t ether_ipv6 = 0x86dd;
constexpr std::uint16_t ether_vlan = 0x8100;
constexpr std::uint16_t ether_vlan_service = 0x88a8;
constexpr std::uint16_t ether_pppoe_session = 0x8864;
constexpr std::uint16_t ppp_ipv4 = 0x0021;
constexpr std::uint16_t ppp_ipv6 = 0x0057;
/// Tags in front of one packet; two are in use, more are an attempt.
constexpr int max_tags = 4;

constexpr std::uint8_t protocol_hop_by_hop = 0;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t protocol_routing = 43;
constexpr std::uint8_t protocol_fragment = 44;
constexpr std::uint8_t protocol_esp = 50;
constexpr std::uint8_t protocol_destination_options = 60;
constexpr int max_extension_headers = 8;

std::uint16_t u16(ByteView octets, std::size_t at) {
    return static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]);
}

std::optional<ByteView> behind(ByteView octets, std::size_t count) {
    return count <= octets.size() ? std::optional(octets.subspan(count)) : std::nullopt;
}

bool is_ike_port(std::uint16_t port) {
    return port == ike_port || port == nat_t_port;
}

/// What stands behind the IP headers: `length` octets by the header, perhaps fewer captured.
std::optional<Parcel> transport(Parcel parcel, std::uint8_t protocol, ByteView octets, std::size_t length,
                                std::size_t fragment_offset, bool more_fragments) {
    if (protocol != protocol_udp && protocol != protocol_esp) {
        return {};
    }
    const ByteView there = octets.first(std::min(octets.size(), length));
    parcel.missing = length - there.size();
    parcel.payload = there;
    if (fragment_offset > 0) {
        // Its ports are in the first fragment: it may be about something else altogether.
        parcel.kind = Parcel::Kind::fragment;
        return parcel;
    }
    if (protocol == protocol_esp) {
        parcel.kind = more_fragments ? Parcel::Kind::fragment : Parcel::Kind::esp;
        return parcel;
    }
    constexpr std::size_t udp_header_octets = 8;
    if (there.size() < udp_header_octets) {
        return {};
    }
    parcel.source.port = u16(there, 0);
    parcel.destination.port = u16(there, 2);
    if (!is_ike_port(parcel.source.port) && !is_ike_port(parcel.destination.port)) {
        return {};
    }
    if (more_fragments) {
        parcel.kind = Parcel::Kind::fragment;
        return parcel;
    }
    const std::size_t udp_length = u16(there, 4);
    if (udp_length < udp_header_octets) {
        return {};
    }
    const std::size_t wanted = udp_length - udp_header_octets;
    const ByteView body = there.subspan(udp_header_octets);
    parcel.kind = Parcel::Kind::udp;
    parcel.payload = body.first(std::min(body.size(), wanted));
    parcel.missing = wanted - parcel.payload.size();
    return parcel;
}

std::optional<Parcel> ipv4(ByteView packet) {
    constexpr std::size_t least_octets = 20;
    if (packet.size() < least_octets || packet[0] >> 4 != 4) {
        return {};
    }
    const std::size_t header = (packet[0] & 0x0fU) * 4U;
    const std::size_t total = u16(packet, 2);
    if (header < least_octets || total < header || packet.size() < header) {
        return {};
    }
    Parcel parcel;
    parcel.source.address = *IpAddress::from_octets(packet.subspan(12, 4));
    parcel.destination.address = *IpAddress::from_octets(packet.subspan(16, 4));
    const std::uint16_t fragment = u16(packet, 6);
    return transport(parcel, packet[9], packet.subspan(header), total - header, (fragment & 0x1fffU) * 8U,
                     (fragment & 0x2000U) != 0);
}

std::optional<Parcel> ipv6(ByteView packet) {
    constexpr std::size_t header_octets = 40;
    if (packet.size() < header_octets || packet[0] >> 4 != 6) {
        return {};
    }
    Parcel parcel;
    parcel.source.address = *IpAddress::from_octets(packet.subspan(8, 16));
    parcel.destination.address = *IpAddress::from_octets(packet.subspan(24, 16));
    std::uint8_t protocol = packet[6];
    std::size_t length = u16(packet, 4);
    ByteView rest = packet.subspan(header_octets);
    std::size_t fragment_offset = 0;
    bool more_fragments = false;
    // RFC 8200 4: headers that may stand before UDP or ESP, each beginning with the next one's number.
    for (int i = 0; i < max_extension_headers; ++i) {
        const bool is_fragment = protocol == protocol_fragment;
        if (!is_fragment && protocol != protocol_hop_by_hop && protocol != protocol_routing &&
            protocol != protocol_destination_options) {
            break;
        }
        if (rest.size() < 8) {
            return {};
        }
        const std::size_t size = is_fragment ? 8U : (rest[1] + 1U) * 8U;
        if (is_fragment) {
            fragment_offset = u16(rest, 2) & 0xfff8U;
            more_fragments = (rest[3] & 1U) != 0;
        }
        protocol = rest[0];
        if (size > rest.size() || size > length) {
            return {};
        }
        rest = rest.subspan(size);
        length -= size;
    }
    return transport(parcel, protocol, rest, length, fragment_offset, more_fragments);
}

std::optional<Parcel> ip(ByteView packet) {
    if (packet.empty()) {
        return {};
    }
    return packet[0] >> 4 == 4 ? ipv4(packet) : ipv6(packet);
}

/// `octets` begin behind the EtherType.
std::optional<Parcel> by_ether_type(std::uint16_t type, ByteView octets) {
    for (int tags = 0; tags < max_tags && (type == ether_vlan || type == ether_vlan_service); ++tags) {
        if (octets.size() < 4) {
            return {};
        }
        type = u16(octets, 2);
        octets = octets.subspan(4);
    }
    if (type == ether_pppoe_session) {
        constexpr std::size_t pppoe_header_octets = 6;
        if (octets.size() < pppoe_header_octets + 2) {
            return {};
        }
        const std::uint16_t ppp = u16(octets, pppoe_header_octets);
        type = ppp == ppp_ipv4 ? ether_ipv4 : ppp == ppp_ipv6 ? ether_ipv6 : std::uint16_t{0};
        octets = octets.subspan(pppoe_header_octets + 2);
    }
    if (type == ether_ipv4) {
        return ipv4(octets);
    }
    return type == ether_ipv6 ? ipv6(octets) : std::nullopt;
}

/// The EtherType stands at `at`, the packet begins at `header`.
std::optional<Parcel> framed(ByteView frame, std::size_t at, std::size_t header) {
    const auto rest = behind(frame, header);
    return rest ? by_ether_type(u16(frame, at), *rest) : std::nullopt;
}

}  // namespace

bool is_known_link_type(std::uint32_t link_type) {
    switch (link_type) {
        case link_ethernet:
        case link_raw_bsd:
        case link_raw_openbsd:
        case link_raw:
        case link_linux_sll:
        case link_ipv4:
        case link_ipv6:
        case link_linux_sll2:
            return true;
        default:
            return false;
    }
}

std::optional<Parcel> dissect(std::uint32_t link_type, ByteView frame) {
    switch (link_type) {
        case link_ethernet:
            return framed(frame, 12, 14);
        case link_linux_sll:
            return framed(frame, 14, 16);
        case link_linux_sll2:
            return framed(frame, 0, 20);
        case link_raw_bsd:
        case link_raw_openbsd:
        case link_raw:
        case link_ipv4:
        case link_ipv6:
            return ip(frame);
        default:
            return {};
    }
}

}  // namespace causeway::cli
