#include "esp/splitter.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "esp/checksum.hpp"
#include "esp/inner_packet.hpp"
#include "esp/octets.hpp"
#include "esp/transport.hpp"

namespace causeway::esp {

namespace {

constexpr std::uint16_t fragment_mask = 0x3fff;  // "more fragments" and the offset
constexpr std::size_t alignment = 16;            // of segments in the scratch memory

// RFC 768: a sum of zero is sent as all ones, since zero says that there is none. For other protocols both mean the
// same, and Linux does not tell them apart here: what is inside a tunnel of whatever kind may be UDP as well.
std::uint16_t never_zero(std::uint16_t checksum) {
    return checksum == 0 ? std::uint16_t{0xffff} : checksum;
}

// Adds what is missing in the checksum of a packet that is no train. The octets behind its total length are not its
// own: seal cuts them off.
bool complete_checksum(std::span<std::uint8_t> frame, const vnet::Header& header) {
    const std::optional<InnerPacket> inner = parse_inner(frame);
    const std::size_t begin = inner ? inner->header_octets : 0;
    const std::size_t end = inner ? inner->total_length : frame.size();
    const std::size_t start = header.checksum_start;
    if (start < begin || start + header.checksum_offset + 2 > end) {
        return false;
    }
    store16(frame.data() + start + header.checksum_offset,
            never_zero(internet_checksum(frame.subspan(start, end - start))));
    return true;
}

}  // namespace

Splitter::Splitter(std::size_t scratch_octets)
    : octets_(std::max(scratch_octets, least_octets)),
      scratch_(std::make_unique_for_overwrite<std::uint8_t[]>(octets_)) {}

bool Splitter::begin(std::span<std::uint8_t> frame, const vnet::Header& header) {
    kind_ = Kind::nothing;
    frame_ = frame;
    if (header.segmentation != vnet::Segmentation::none) {
        return begin_train(header);
    }
    if (header.needs_checksum && !complete_checksum(frame, header)) {
        return false;
    }
    kind_ = Kind::whole;
    return true;
}

bool Splitter::begin_train(const vnet::Header& header) {
    if (frame_.size() < ipv4_header_octets || frame_[0] >> 4 != 4) {
        return false;
    }
    const bool tcp = header.segmentation == vnet::Segmentation::tcp4;
    ip_header_ = std::size_t{frame_[0] & 0x0fU} * 4;
    const std::size_t transport_header = tcp ? tcp_header_octets : udp_header_octets;
    if (ip_header_ < ipv4_header_octets || frame_.size() < ip_header_ + transport_header) {
        return false;
    }
    // A length of zero is how Linux writes trains that are longer than the field can say, and it reads TCP so.
    const std::size_t total_length = load16(&frame_[2]);
    const bool length_left_out = tcp && total_length == 0;
    const std::uint8_t protocol = tcp ? protocol_tcp : protocol_udp;
    if ((total_length != frame_.size() && !length_left_out) || (load16(&frame_[6]) & fragment_mask) != 0 ||
        frame_[9] != protocol || header.segmentation == vnet::Segmentation::tcp6) {
        return false;
    }
    const std::size_t said =
        tcp ? std::size_t{frame_[ip_header_ + tcp_offset_at]} / 16 * 4 : transport_header;
    headers_ = ip_header_ + said;
    if (said < transport_header || frame_.size() <= headers_ || header.segment_octets == 0) {
        return false;
    }
    if (header.needs_checksum && (header.checksum_start != ip_header_ ||
                                  header.checksum_offset != (tcp ? tcp_checksum_at : udp_checksum_at))) {
        return false;
    }
    segment_ = std::min<std::size_t>(header.segment_octets, frame_.size() - headers_);
    if (headers_ + segment_ > largest_packet) {
        return false;
    }
    prepare(tcp ? Kind::tcp : Kind::udp);
    return true;
}

// Makes the frame's headers those that all segments have in common, with zeros where they differ, and sums them up.
void Splitter::prepare(Kind kind) {
    std::uint8_t* ip = frame_.data();
    std::uint8_t* transport = ip + ip_header_;
    kind_ = kind;
    at_ = headers_;
    id_ = load16(ip + 4);
    store32(ip + 2, 0);
    store16(ip + 10, 0);
    if (kind == Kind::tcp) {
        sequence_ = load32(transport + tcp_sequence_at);
        flags_ = transport[tcp_flags_at];
        store32(transport + tcp_sequence_at, 0);
        transport[tcp_flags_at] = 0;
        store16(transport + tcp_checksum_at, 0);
    } else {
        store16(transport + udp_length_at, 0);
        store16(transport + udp_checksum_at, 0);
    }
    ip_sum_ = internet_sum(frame_.first(ip_header_));
    transport_sum_ =
        internet_sum(frame_.subspan(ip_header_, headers_ - ip_header_)) + pseudo_header_sum(ip, 0);
}

void Splitter::next(std::vector<ByteView>& out) {
    if (kind_ == Kind::whole) {
        out.emplace_back(frame_);
        kind_ = Kind::nothing;
    }
    while (kind_ != Kind::nothing) {
        const std::size_t payload = std::min(segment_, frame_.size() - at_);
        const std::size_t octets = headers_ + payload;
        if (octets_ - used_ < octets) {
            return;
        }
        std::uint8_t* packet = scratch_.get() + used_;
        std::uint8_t* transport = packet + ip_header_;
        std::memcpy(packet, frame_.data(), headers_);
        store16(packet + 2, static_cast<std::uint16_t>(octets));
        store16(packet + 4, id_);
        store16(packet + 10, static_cast<std::uint16_t>(~folded(ip_sum_ + octets + id_)));
        std::uint32_t sum = transport_sum_ + static_cast<std::uint32_t>(octets - ip_header_) +
                            copy_with_sum(frame_.subspan(at_, payload), packet + headers_);
        if (kind_ == Kind::tcp) {
            sum += write_tcp(transport, payload);
            store16(transport + tcp_checksum_at, static_cast<std::uint16_t>(~folded(sum)));
            sequence_ += static_cast<std::uint32_t>(payload);
        } else {
            const auto length = static_cast<std::uint16_t>(octets - ip_header_);
            store16(transport + udp_length_at, length);
            store16(transport + udp_checksum_at,
                    never_zero(static_cast<std::uint16_t>(~folded(sum + length))));
        }
        out.emplace_back(packet, octets);
        used_ = std::min(octets_, (used_ + octets + alignment - 1) / alignment * alignment);
        at_ += payload;
        ++id_;
        if (at_ == frame_.size()) {
            kind_ = Kind::nothing;
        }
    }
}

// What a TCP segment has of its own; returns the sum of it.
std::uint16_t Splitter::write_tcp(std::uint8_t* tcp, std::size_t payload_octets) const {
    std::uint8_t flags = flags_;
    if (at_ != headers_) {
        flags &= static_cast<std::uint8_t>(~tcp_cwr);
    }
    if (at_ + payload_octets != frame_.size()) {
        flags &= static_cast<std::uint8_t>(~(tcp_fin | tcp_psh));
    }
    store32(tcp + tcp_sequence_at, sequence_);
    tcp[tcp_flags_at] = flags;
    return folded(std::uint64_t{sequence_ >> 16} + (sequence_ & 0xffff) + flags);
}

}  // namespace causeway::esp
