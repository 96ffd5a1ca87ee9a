#include "esp/fragment.hpp"

#include <algorithm>

#include "esp/checksum.hpp"
#include "esp/octets.hpp"

namespace causeway::esp {

namespace {

constexpr std::size_t fixed_header = 20;
constexpr std::uint16_t flag_more_fragments = 0x2000;
constexpr std::uint8_t option_end = 0;
constexpr std::uint8_t option_nop = 1;
constexpr std::uint8_t option_copied = 0x80;  // RFC 791 3.1: repeated in every fragment

// The options that later fragments repeat, padded with "end of list" to whole words; how many octets they
// take.
std::size_t copied_options(ByteView options, std::uint8_t* out) {
    std::size_t length = 0;
    for (std::size_t at = 0; at < options.size() && options[at] != option_end;) {
        if (options[at] == option_nop) {
            ++at;
            continue;
        }
        if (at + 1 >= options.size() || options[at + 1] < 2 || at + options[at + 1] > options.size()) {
            break;
        }
        const std::size_t size = options[at + 1];
        if ((options[at] & option_copied) != 0) {
            std::copy_n(options.data() + at, size, out + length);
            length += size;
        }
        at += size;
    }
    while (length % 4 != 0) {
        out[length++] = option_end;
    }
    return length;
}

}  // namespace

Fragmenter::Fragmenter(ByteView packet, const InnerPacket& inner, std::size_t mtu)
    : packet_(packet.first(inner.total_length)), inner_(inner), mtu_(mtu), at_(inner.header_octets) {}

bool Fragmenter::next(Fragment& out) {
    if (done_) {
        return false;
    }
    const bool first = at_ == inner_.header_octets;
    const std::size_t left = packet_.size() - at_;
    std::copy_n(packet_.data(), fixed_header, out.header);
    const ByteView options = packet_.subspan(fixed_header, inner_.header_octets - fixed_header);
    if (first) {
        std::copy(options.begin(), options.end(), out.header + fixed_header);
        out.header_octets = inner_.header_octets;
    } else {
        out.header_octets = fixed_header + copied_options(options, out.header + fixed_header);
    }
    if (mtu_ < out.header_octets + 8) {
        return false;
    }
    std::size_t take = mtu_ - out.header_octets;
    take = take >= left ? left : take / 8 * 8;
    out.payload = packet_.subspan(at_, take);
    write_header(out, take);
    at_ += take;
    done_ = at_ == packet_.size();
    return true;
}

void Fragmenter::write_header(Fragment& out, std::size_t payload_octets) const {
    const std::size_t offset = inner_.fragment_offset + (at_ - inner_.header_octets);
    const bool more = inner_.more_fragments || at_ + payload_octets < packet_.size();
    out.header[0] = static_cast<std::uint8_t>(0x40 | out.header_octets / 4);
    store16(out.header + 2, static_cast<std::uint16_t>(out.header_octets + payload_octets));
    store16(out.header + 6, static_cast<std::uint16_t>((more ? flag_more_fragments : 0) | offset / 8));
    store16(out.header + 10, 0);
    store16(out.header + 10, internet_checksum({out.header, out.header_octets}));
}

}  // namespace causeway::esp
