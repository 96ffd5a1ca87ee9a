#include "codec/vnet/header.hpp"

#include <cstring>

namespace causeway::vnet {
namespace {

// VIRTIO_NET_HDR_F_* and VIRTIO_NET_HDR_GSO_*.
constexpr std::uint8_t flag_needs_checksum = 1;
constexpr std::uint8_t gso_none = 0;
constexpr std::uint8_t gso_tcp4 = 1;
constexpr std::uint8_t gso_tcp6 = 4;
constexpr std::uint8_t gso_udp = 5;
constexpr std::uint8_t gso_ecn = 0x80;

std::uint16_t load(const std::uint8_t* at) {
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

void store(std::uint8_t* at, std::uint16_t value) {
    std::memcpy(at, &value, sizeof value);
}

std::optional<Segmentation> segmentation_of(std::uint8_t type) {
    switch (type) {
        case gso_none:
            return Segmentation::none;
        case gso_tcp4:
            return Segmentation::tcp4;
        case gso_tcp6:
            return Segmentation::tcp6;
        case gso_udp:
            return Segmentation::udp;
        default:
            return std::nullopt;
    }
}

std::uint8_t type_of(Segmentation segmentation) {
    switch (segmentation) {
        case Segmentation::none:
            return gso_none;
        case Segmentation::tcp4:
            return gso_tcp4;
        case Segmentation::tcp6:
            return gso_tcp6;
        case Segmentation::udp:
            return gso_udp;
    }
    return gso_none;
}

}  // namespace

std::optional<Header> decode(ByteView octets) {
    if (octets.size() < header_octets) {
        return std::nullopt;
    }
    const auto segmentation = segmentation_of(static_cast<std::uint8_t>(octets[1] & ~gso_ecn));
    if (!segmentation) {
        return std::nullopt;
    }
    Header header;
    header.needs_checksum = (octets[0] & flag_needs_checksum) != 0;
    header.ecn = (octets[1] & gso_ecn) != 0;
    header.segmentation = *segmentation;
    header.headers_octets = load(&octets[2]);
    header.segment_octets = load(&octets[4]);
    header.checksum_start = load(&octets[6]);
    header.checksum_offset = load(&octets[8]);
    return header;
}

void encode(const Header& header, std::span<std::uint8_t, header_octets> octets) {
    octets[0] = header.needs_checksum ? flag_needs_checksum : 0;
    octets[1] = static_cast<std::uint8_t>(type_of(header.segmentation) | (header.ecn ? gso_ecn : 0));
    store(&octets[2], header.headers_octets);
    store(&octets[4], header.segment_octets);
    store(&octets[6], header.checksum_start);
    store(&octets[8], header.checksum_offset);
}

}  // namespace causeway::vnet
