#include "esp/mss.hpp"

#include "esp/checksum.hpp"
#include "esp/octets.hpp"

namespace causeway::esp {

namespace {

constexpr std::uint8_t flag_syn = 0x02;
constexpr std::size_t checksum_at = 16;

// A 16-bit field may begin at an odd octet; the checksum sees its halves swapped then (RFC 1071 2.B).
std::uint16_t as_summed(std::uint16_t value, bool odd) {
    return odd ? static_cast<std::uint16_t>(value << 8 | value >> 8) : value;
}

}  // namespace

bool is_syn(ByteView packet, const InnerPacket& inner) {
    return inner.protocol == protocol_tcp && inner.fragment_offset == 0 &&
           inner.total_length >= inner.header_octets + 20 &&
           (packet[inner.header_octets + std::size_t{13}] & flag_syn) != 0;
}

bool clamp_mss(std::span<std::uint8_t> packet, const InnerPacket& inner, std::uint16_t limit) {
    if (!is_syn(packet, inner)) {
        return false;
    }
    std::uint8_t* tcp = packet.data() + inner.header_octets;
    const std::size_t available = inner.total_length - std::size_t{inner.header_octets};
    const std::size_t header = std::size_t{tcp[12]} / 16 * 4;
    if (header < 20 || header > available) {
        return false;
    }
    for (std::size_t at = 20; at < header;) {
        const std::uint8_t kind = tcp[at];
        if (kind == 0) {
            return false;
        }
        if (kind == 1) {
            ++at;
            continue;
        }
        if (at + 1 >= header || tcp[at + 1] < 2 || at + tcp[at + 1] > header) {
            return false;
        }
        if (kind == 2 && tcp[at + 1] == 4) {
            const std::uint16_t before = load16(tcp + at + 2);
            if (before <= limit) {
                return false;
            }
            const bool odd = at % 2 != 0;
            store16(tcp + at + 2, limit);
            store16(tcp + checksum_at, updated_checksum(load16(tcp + checksum_at), as_summed(before, odd),
                                                        as_summed(limit, odd)));
            return true;
        }
        at += tcp[at + 1];
    }
    return false;
}

}  // namespace causeway::esp
