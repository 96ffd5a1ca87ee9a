#include "cli/pcap.hpp"

#include <fmt/format.h>

namespace causeway::cli {
namespace {

constexpr std::uint32_t magic_microseconds = 0xa1b2c3d4;
constexpr std::uint32_t magic_nanoseconds = 0xa1b23c4d;
constexpr std::uint32_t magic_pcapng = 0x0a0d0d0a;  ///< the same in both byte orders
constexpr std::size_t file_header_octets = 24;
constexpr std::size_t record_header_octets = 16;

std::uint32_t big_endian(ByteView octets, std::size_t at) {
    return std::uint32_t{octets[at]} << 24 | std::uint32_t{octets[at + 1]} << 16 |
           std::uint32_t{octets[at + 2]} << 8 | octets[at + 3];
}

std::uint32_t swap(std::uint32_t value) {
    return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

bool is_classic(std::uint32_t magic) {
    return magic == magic_microseconds || magic == magic_nanoseconds;
}

}  // namespace

bool looks_like_capture(ByteView file) {
    if (file.size() < 4) {
        return false;
    }
    const std::uint32_t magic = big_endian(file, 0);
    return is_classic(magic) || is_classic(swap(magic)) || magic == magic_pcapng;
}

Result<PcapReader> PcapReader::open(ByteView file) {
    if (file.size() < 4) {
        return fail(Errc::malformed, fmt::format("no capture: {} octets", file.size()));
    }
    const std::uint32_t magic = big_endian(file, 0);
    if (magic == magic_pcapng) {
        return fail({.code = Errc::unsupported,
                     .what = "a pcapng capture; only the classic format is read",
                     .place = {},
                     .remedy = "convert it with `editcap -F pcap IN OUT`, or capture with `tcpdump -w`"});
    }
    const bool swapped = !is_classic(magic);
    if (swapped && !is_classic(swap(magic))) {
        return fail(Errc::malformed, fmt::format("no capture: it begins with {:08x}", magic));
    }
    if (file.size() < file_header_octets) {
        return fail(Errc::malformed, fmt::format("the capture ends within its header, at octet {} of {}",
                                                 file.size(), file_header_octets));
    }
    PcapReader reader(file, swapped, (swapped ? swap(magic) : magic) == magic_nanoseconds);
    // The upper bits say how long a frame check sequence is; it would stand behind the IP packet.
    reader.link_type_ = reader.u32(20) & 0x0fffffff;
    reader.at_ = file_header_octets;
    return reader;
}

std::uint32_t PcapReader::u32(std::size_t at) const {
    const std::uint32_t value = big_endian(file_, at);
    return swapped_ ? swap(value) : value;
}

Result<std::optional<PcapPacket>> PcapReader::next() {
    const std::size_t left = file_.size() - at_;
    if (left == 0) {
        return std::nullopt;
    }
    ++number_;
    if (left < record_header_octets) {
        return fail(
            Errc::malformed,
            fmt::format("packet {}, octet {}: the capture ends within the packet's header", number_, at_));
    }
    const std::uint32_t length = u32(at_ + 8);
    if (length > max_frame_octets) {
        return fail(Errc::malformed, fmt::format("packet {}, octet {}: a length of {} octets; {} is the most",
                                                 number_, at_ + 8, length, max_frame_octets));
    }
    if (length > left - record_header_octets) {
        return fail(Errc::malformed, fmt::format("packet {}, octet {}: {} octets announced, {} there",
                                                 number_, at_, length, left - record_header_octets));
    }
    const std::uint32_t fraction = u32(at_ + 4);
    PcapPacket packet{.number = number_,
                      .seconds = u32(at_),
                      .nanoseconds = nanoseconds_ ? fraction : fraction % 1000000 * 1000,
                      .original_length = u32(at_ + 12),
                      .octets = file_.subspan(at_ + record_header_octets, length)};
    at_ += record_header_octets + length;
    return packet;
}

}  // namespace causeway::cli
