// TCP segments and UDP datagrams with payload, and what becomes of trains of them, by plain arithmetic: nothing of
// src/esp is used here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "base/bytes.hpp"
#include "codec/vnet/header.hpp"
#include "unit/esp/packets.hpp"

namespace causeway::test {

inline constexpr std::uint8_t fin = 0x01, syn = 0x02, rst = 0x04, psh = 0x08, ack = 0x10, urg = 0x20,
                              ece = 0x40, cwr = 0x80;

/// All that a packet says but its payload and what follows from the rest.
struct Fields {
    IpFields ip{};
    std::uint16_t source_port = 40000;
    std::uint16_t destination_port = 443;
    std::uint32_t sequence = 0x01020304;
    std::uint32_t acknowledgement = 0x0a0b0c0d;
    std::uint8_t reserved = 0;  // the low half of TCP's octet 12
    std::uint8_t flags = ack;
    std::uint16_t window = 501;
    std::uint16_t urgent = 0;
    Bytes options{};  // of TCP, a multiple of 4

    [[nodiscard]] bool tcp() const { return ip.protocol == 6; }
    /// IP and transport header.
    [[nodiscard]] std::size_t headers() const {
        return 20 + ip.options.size() + (tcp() ? 20 + options.size() : 8);
    }
};

inline Fields tcp_fields() {
    Fields fields;
    fields.ip.protocol = 6;
    return fields;
}

inline Fields udp_fields() {
    return {};
}

/// The 12 octets of a timestamps option with its two fillers.
inline Bytes timestamps(std::uint32_t value, std::uint32_t echo) {
    Bytes option(12);
    put32(option, 0, 0x0101080a);
    put32(option, 4, value);
    put32(option, 8, echo);
    return option;
}

inline std::uint32_t pseudo_sum_of(const IpFields& ip, std::size_t octets) {
    return pseudo_sum(ip, octets) - 6 + ip.protocol;
}

/// A packet whose transport checksum is right, or, `partial`, the sum over the pseudo-header only.
inline Bytes segment(const Fields& fields, ByteView payload, bool partial = false) {
    Bytes octets(fields.tcp() ? 20 + fields.options.size() : 8);
    put16(octets, 0, fields.source_port);
    put16(octets, 2, fields.destination_port);
    if (fields.tcp()) {
        put32(octets, 4, fields.sequence);
        put32(octets, 8, fields.acknowledgement);
        octets[12] = static_cast<std::uint8_t>(octets.size() / 4 * 16 + fields.reserved);
        octets[13] = fields.flags;
        put16(octets, 14, fields.window);
        put16(octets, 18, fields.urgent);
        std::copy(fields.options.begin(), fields.options.end(), octets.begin() + 20);
    } else {
        put16(octets, 4, static_cast<std::uint32_t>(8 + payload.size()));
    }
    append(octets, payload);
    const std::uint32_t pseudo = pseudo_sum_of(fields.ip, octets.size());
    std::uint32_t checksum = partial ? ones_sum({}, pseudo) : ~ones_sum(octets, pseudo) & 0xffff;
    if (!fields.tcp() && !partial && checksum == 0) {
        checksum = 0xffff;
    }
    put16(octets, fields.tcp() ? 16 : 6, checksum);
    return ip_packet(fields.ip, octets);
}

/// The packet as fields, when it is one that segment() makes, octet for octet.
inline std::optional<Fields> fields_of(ByteView packet) {
    Fields fields;
    if (packet.size() < 20 || packet[0] >> 4 != 4 || (packet[0] & 15) < 5) {
        return std::nullopt;
    }
    const std::size_t ip = std::size_t{packet[0] & 15U} * 4;
    fields.ip.tos = packet[1];
    fields.ip.id = static_cast<std::uint16_t>(get16(packet, 4));
    fields.ip.dont_fragment = get16(packet, 6) == 0x4000;
    fields.ip.ttl = packet[8];
    fields.ip.protocol = packet[9];
    fields.ip.source = get16(packet, 12) << 16 | get16(packet, 14);
    fields.ip.destination = get16(packet, 16) << 16 | get16(packet, 18);
    if ((fields.ip.protocol != 6 && fields.ip.protocol != 17) ||
        packet.size() < ip + (fields.tcp() ? 20U : 8U)) {
        return std::nullopt;
    }
    fields.ip.options = to_bytes(packet.subspan(20, ip - 20));
    fields.source_port = static_cast<std::uint16_t>(get16(packet, ip));
    fields.destination_port = static_cast<std::uint16_t>(get16(packet, ip + 2));
    if (fields.tcp()) {
        const std::size_t header = packet[ip + 12] / std::size_t{16} * 4;
        if (header < 20 || packet.size() < ip + header) {
            return std::nullopt;
        }
        fields.sequence = get16(packet, ip + 4) << 16 | get16(packet, ip + 6);
        fields.acknowledgement = get16(packet, ip + 8) << 16 | get16(packet, ip + 10);
        fields.reserved = packet[ip + 12] & 15;
        fields.flags = packet[ip + 13];
        fields.window = static_cast<std::uint16_t>(get16(packet, ip + 14));
        fields.urgent = static_cast<std::uint16_t>(get16(packet, ip + 18));
        fields.options = to_bytes(packet.subspan(ip + 20, header - 20));
    }
    const Bytes again = segment(fields, packet.subspan(fields.headers()));
    return equal(again, packet) ? std::optional(fields) : std::nullopt;
}

/// The header that the system puts before a train of `fields`.
inline vnet::Header header_of(const Fields& fields, std::size_t segment_octets) {
    vnet::Header header;
    header.needs_checksum = true;
    header.segmentation = fields.tcp() ? vnet::Segmentation::tcp4 : vnet::Segmentation::udp;
    header.headers_octets = static_cast<std::uint16_t>(fields.headers());
    header.segment_octets = static_cast<std::uint16_t>(segment_octets);
    header.checksum_start = static_cast<std::uint16_t>(20 + fields.ip.options.size());
    header.checksum_offset = fields.tcp() ? 16 : 6;
    return header;
}

/// The packets that a train stands for, one after the other.
inline std::vector<Bytes> cut(const Fields& fields, ByteView payload, std::size_t segment_octets) {
    std::vector<Bytes> packets;
    Fields now = fields;
    while (!payload.empty()) {
        const ByteView part = payload.first(std::min(segment_octets, payload.size()));
        payload = payload.subspan(part.size());
        now.flags = fields.flags;
        if (!packets.empty()) {
            now.flags &= static_cast<std::uint8_t>(~cwr);
        }
        if (!payload.empty()) {
            now.flags &= static_cast<std::uint8_t>(~(fin | psh));
        }
        packets.push_back(segment(now, part));
        now.sequence += static_cast<std::uint32_t>(part.size());
        ++now.ip.id;
    }
    return packets;
}

/// Numbers that are the same in each run and on each machine.
class Dice {
 public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    /// 0 to sides-1.
    std::uint32_t roll(std::uint32_t sides) { return static_cast<std::uint32_t>(engine_() % sides); }
    bool once_in(std::uint32_t times) { return roll(times) == 0; }
    std::uint32_t word() { return static_cast<std::uint32_t>(engine_()); }
    Bytes octets(std::size_t size) {
        Bytes bytes(size);
        for (auto& octet : bytes) {
            octet = static_cast<std::uint8_t>(engine_());
        }
        return bytes;
    }

 private:
    std::mt19937_64 engine_;
};

}  // namespace causeway::test
