// Inner packets for tests, built and checked with arithmetic of their own: nothing of src/esp is used here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace causeway::test {

struct IpFields {
    std::uint32_t source = 0xc0a80102;       // 192.168.1.2
    std::uint32_t destination = 0xc0a80003;  // 192.168.0.3
    std::uint8_t protocol = 17;
    std::uint8_t tos = 0;
    std::uint8_t ttl = 63;
    std::uint16_t id = 0x1234;
    bool dont_fragment = false;
    bool more_fragments = false;
    unsigned offset = 0;  // octets
    Bytes options{};      // a multiple of 4
};

/// The one's complement sum over the octets; 0xffff over anything whose checksum is right.
inline std::uint32_t ones_sum(ByteView octets, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i < octets.size(); ++i) {
        sum += i % 2 == 0 ? std::uint32_t{octets[i]} << 8 : octets[i];
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

inline void put16(Bytes& bytes, std::size_t at, std::uint32_t value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}
inline std::uint32_t get16(ByteView bytes, std::size_t at) {
    return std::uint32_t{bytes[at]} << 8 | bytes[at + 1];
}
inline void put32(Bytes& bytes, std::size_t at, std::uint32_t value) {
    put16(bytes, at, value >> 16);
    put16(bytes, at + 2, value & 0xffff);
}

inline Bytes ip_packet(const IpFields& fields, ByteView payload) {
    const std::size_t header = 20 + fields.options.size();
    Bytes packet(header);
    packet[0] = static_cast<std::uint8_t>(0x40 | header / 4);
    packet[1] = fields.tos;
    put16(packet, 2, static_cast<std::uint32_t>(header + payload.size()));
    put16(packet, 4, fields.id);
    put16(packet, 6,
          (fields.dont_fragment ? 0x4000U : 0U) | (fields.more_fragments ? 0x2000U : 0U) | fields.offset / 8);
    packet[8] = fields.ttl;
    packet[9] = fields.protocol;
    put32(packet, 12, fields.source);
    put32(packet, 16, fields.destination);
    std::copy(fields.options.begin(), fields.options.end(), packet.begin() + 20);
    put16(packet, 10, ~ones_sum(packet) & 0xffff);
    append(packet, payload);
    return packet;
}

/// Octets that differ from place to place, so that a swap or a shift shows.
inline Bytes pattern(std::size_t size, unsigned seed = 1) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<std::uint8_t>((i * 7 + i / 256 * 13 + std::size_t{seed} * 31) & 0xff);
    }
    return bytes;
}

/// A UDP packet of `size` octets in all (at least 28); the UDP checksum is left out.
inline Bytes udp_packet(std::size_t size, IpFields fields = {}, std::uint16_t source_port = 1000,
                        std::uint16_t destination_port = 2000) {
    Bytes payload = pattern(size - 20 - fields.options.size());
    put16(payload, 0, source_port);
    put16(payload, 2, destination_port);
    put16(payload, 4, static_cast<std::uint32_t>(payload.size()));
    put16(payload, 6, 0);
    fields.protocol = 17;
    return ip_packet(fields, payload);
}

/// The pseudo header's sum for the TCP checksum.
inline std::uint32_t pseudo_sum(const IpFields& fields, std::size_t tcp_octets) {
    std::uint32_t sum = (fields.source >> 16) + (fields.source & 0xffff) + (fields.destination >> 16) +
                        (fields.destination & 0xffff) + 6 + static_cast<std::uint32_t>(tcp_octets);
    return sum;
}

/// A TCP segment with these flags and options (a multiple of 4 octets), its checksum right.
inline Bytes tcp_packet(std::uint8_t flags, const Bytes& options, IpFields fields = {}) {
    fields.protocol = 6;
    Bytes tcp(20 + options.size());
    put16(tcp, 0, 40000);
    put16(tcp, 2, 80);
    put32(tcp, 4, 0x01020304);
    tcp[12] = static_cast<std::uint8_t>(tcp.size() / 4 * 16);
    tcp[13] = flags;
    put16(tcp, 14, 65535);
    std::copy(options.begin(), options.end(), tcp.begin() + 20);
    put16(tcp, 16, ~ones_sum(tcp, pseudo_sum(fields, tcp.size())) & 0xffff);
    return ip_packet(fields, tcp);
}

inline bool header_checksum_right(ByteView packet) {
    return ones_sum(packet.first(std::size_t{packet[0] & 0x0fU} * 4)) == 0xffff;
}

}  // namespace causeway::test
