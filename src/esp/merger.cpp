#include "esp/merger.hpp"

#include <algorithm>
#include <cstring>

#include "esp/checksum.hpp"
#include "esp/inner_packet.hpp"
#include "esp/octets.hpp"
#include "esp/transport.hpp"

namespace causeway::esp {

namespace {

constexpr std::uint16_t fragment_mask = 0x3fff;  // "more fragments" and the offset
constexpr std::uint16_t dont_fragment = 0x4000;
constexpr std::uint8_t plain_ipv4 = 0x45;  // version 4, no options
constexpr std::size_t usual_batch = 512;   // packets for which there is room from the start

bool same(ByteView a, ByteView b, std::size_t from, std::size_t to) {
    return std::memcmp(&a[from], &b[from], to - from) == 0;
}

// All ones where the sum of the rest is zero is right too (RFC 1071), but not what splitting would write.
bool right_header(ByteView packet) {
    return load16(&packet[10]) != 0xffff && internet_sum(packet.first(ipv4_header_octets)) == 0xffff;
}

bool right_checksums(ByteView packet, bool tcp) {
    const ByteView transport = packet.subspan(ipv4_header_octets);
    const std::uint16_t checksum = load16(&transport[tcp ? tcp_checksum_at : udp_checksum_at]);
    return right_header(packet) && checksum != (tcp ? 0xffff : 0) &&
           folded(std::uint64_t{pseudo_header_sum(packet.data(), transport.size())} +
                  internet_sum(transport)) == 0xffff;
}

}  // namespace

Merger::Merger(Options options) : options_(options) {
    packets_.reserve(usual_batch);
    trains_.reserve(usual_batch);
    pieces_.reserve(usual_batch);
    runs_.reserve(usual_batch);
}

void Merger::add(std::span<std::uint8_t> packet) {
    const auto index = static_cast<std::uint32_t>(packets_.size());
    packets_.push_back({packet, none});
    if (packet.size() < ipv4_header_octets || packet[0] >> 4 != 4) {
        start(index);
        return;
    }
    Flow flow;
    std::memcpy(&flow.addresses, &packet[12], sizeof flow.addresses);
    flow.protocol = packet[9];
    const bool fragment = (load16(&packet[6]) & fragment_mask) != 0;
    const std::size_t ip_header = std::size_t{packet[0] & 0x0fU} * 4;
    const bool tcp = flow.protocol == protocol_tcp && options_.tcp;
    const bool udp = flow.protocol == protocol_udp && options_.udp;
    if (!fragment && !tcp && !udp) {
        start(index);
        return;
    }
    if (fragment || ip_header < ipv4_header_octets || packet.size() < ip_header + sizeof flow.ports) {
        close_all(flow.addresses);
        start(index);
        return;
    }
    std::memcpy(&flow.ports, &packet[ip_header], sizeof flow.ports);
    Open* open = find(flow);
    const Segment segment = segment_of(packet, flow.protocol);
    const bool of_use = segment.payload != 0 && (open != nullptr || !segment.last);
    const bool fit = of_use && right_checksums(packet, tcp);
    if (open != nullptr && fit && continues(*open, segment, packet)) {
        extend(*open, segment, index);
        return;
    }
    if (open != nullptr) {
        close(open);
    }
    if (fit && !segment.last) {
        begin(flow, segment, index);
    } else {
        start(index);
    }
}

// Looks at the packet alone, its checksums left aside.
Merger::Segment Merger::segment_of(ByteView packet, std::uint8_t protocol) {
    Segment segment;
    // The highest bit of the fragment field is reserved: Linux leaves such packets alone, as it does those with octets
    // behind their end.
    if (packet[0] != plain_ipv4 || load16(&packet[2]) != packet.size() ||
        (load16(&packet[6]) & ~dont_fragment) != 0) {
        return segment;
    }
    const ByteView transport = packet.subspan(ipv4_header_octets);
    std::size_t header = udp_header_octets;
    if (protocol == protocol_udp) {
        if (transport.size() <= header || load16(&transport[udp_length_at]) != transport.size()) {
            return segment;
        }
    } else {
        if (transport.size() < tcp_header_octets) {
            return segment;
        }
        // The low half of the octet with the header's length: flags, none of which is known to be harmless.
        header = std::size_t{transport[tcp_offset_at]} / 16 * 4;
        const std::uint8_t flags = transport[tcp_flags_at];
        if (header < tcp_header_octets || header >= transport.size() || transport[tcp_offset_at] % 16 != 0 ||
            (flags & ~tcp_psh) != tcp_ack) {
            return segment;
        }
        segment.last = (flags & tcp_psh) != 0;
    }
    segment.headers = static_cast<std::uint16_t>(ipv4_header_octets + header);
    segment.payload = static_cast<std::uint16_t>(transport.size() - header);
    return segment;
}

// Both packets are segments of one flow.
bool Merger::continues(const Open& open, const Segment& segment, ByteView packet) const {
    const Train& train = trains_[open.train];
    const ByteView head = packets_[train.first].octets;
    if (segment.headers != train.headers || segment.payload > train.segment ||
        load16(&packet[4]) != open.id || std::size_t{train.total} + segment.payload > largest_packet) {
        return false;
    }
    // TOS with ECN; DF; TTL.
    if (packet[1] != head[1] || !same(packet, head, 6, 9)) {
        return false;
    }
    if (open.flow.protocol == protocol_udp) {
        return true;
    }
    const ByteView tcp = packet.subspan(ipv4_header_octets);
    const ByteView first = head.subspan(ipv4_header_octets);
    return load32(&tcp[tcp_sequence_at]) == open.sequence &&
           same(tcp, first, tcp_acknowledgement_at, tcp_flags_at) &&
           same(tcp, first, tcp_window_at, tcp_checksum_at) &&
           same(tcp, first, tcp_urgent_at, segment.headers - ipv4_header_octets);
}

Merger::Open* Merger::find(const Flow& flow) {
    for (std::size_t i = 0; i < opened_; ++i) {
        if (open_[i].flow == flow) {
            return &open_[i];
        }
    }
    return nullptr;
}

void Merger::close(Open* open) {
    *open = open_[--opened_];
}

void Merger::close_all(std::uint64_t addresses) {
    for (std::size_t i = opened_; i-- > 0;) {
        if (open_[i].flow.addresses == addresses) {
            close(&open_[i]);
        }
    }
}

// A train of one packet, to which none is added unless it is in the table.
Merger::Train& Merger::start(std::uint32_t packet) {
    Train& train = trains_.emplace_back();
    train.first = train.last = packet;
    train.count = 1;
    return train;
}

void Merger::begin(const Flow& flow, const Segment& segment, std::uint32_t packet) {
    if (opened_ == most_open) {
        close(&*std::min_element(open_.begin(), open_.end(),
                                 [](const Open& a, const Open& b) { return a.train < b.train; }));
    }
    const ByteView octets = packets_[packet].octets;
    Open& open = open_[opened_++];
    open.flow = flow;
    open.train = static_cast<std::uint32_t>(trains_.size());
    open.id = static_cast<std::uint16_t>(load16(&octets[4]) + 1);
    open.sequence = load32(&octets[ipv4_header_octets + tcp_sequence_at]) + segment.payload;
    Train& train = start(packet);
    train.headers = segment.headers;
    train.segment = segment.payload;
    train.total = static_cast<std::uint16_t>(octets.size());
}

void Merger::extend(Open& open, const Segment& segment, std::uint32_t packet) {
    Train& train = trains_[open.train];
    packets_[train.last].next = packet;
    train.last = packet;
    train.total = static_cast<std::uint16_t>(train.total + segment.payload);
    ++train.count;
    ++open.id;
    open.sequence += segment.payload;
    if (segment.last || segment.payload < train.segment || train.count == most_pieces) {
        close(&open);
    }
}

std::span<const Merger::Run> Merger::finish() {
    pieces_.clear();
    pieces_.reserve(packets_.size());  // so that they stay where they are
    runs_.clear();
    for (const Train& train : trains_) {
        const std::size_t begin = pieces_.size();
        for (std::uint32_t at = train.first; at != none; at = packets_[at].next) {
            const ByteView octets = packets_[at].octets;
            pieces_.push_back(at == train.first ? octets : octets.subspan(train.headers));
        }
        Run& run = runs_.emplace_back();
        run.pieces = std::span(pieces_).subspan(begin);
        if (train.count > 1) {
            complete(train, run);
        }
    }
    return runs_;
}

// Makes the first packet's headers those of the whole.
void Merger::complete(const Train& train, Run& run) {
    const std::span<std::uint8_t> head = packets_[train.first].octets;
    std::uint8_t* transport = &head[ipv4_header_octets];
    const bool tcp = head[9] == protocol_tcp;
    const std::size_t transport_octets = train.total - ipv4_header_octets;
    store16(&head[2], train.total);
    store16(&head[10], 0);
    store16(&head[10], internet_checksum(head.first(ipv4_header_octets)));
    if (tcp) {
        transport[tcp_flags_at] = packets_[train.last].octets[ipv4_header_octets + tcp_flags_at];  // PSH
    } else {
        store16(transport + udp_length_at, static_cast<std::uint16_t>(transport_octets));
    }
    const std::size_t checksum_at = tcp ? tcp_checksum_at : udp_checksum_at;
    store16(transport + checksum_at, folded(pseudo_header_sum(head.data(), transport_octets)));
    run.header.needs_checksum = true;
    run.header.segmentation = tcp ? vnet::Segmentation::tcp4 : vnet::Segmentation::udp;
    run.header.headers_octets = train.headers;
    run.header.segment_octets = train.segment;
    run.header.checksum_start = ipv4_header_octets;
    run.header.checksum_offset = static_cast<std::uint16_t>(checksum_at);
}

void Merger::clear() {
    packets_.clear();
    trains_.clear();
    opened_ = 0;
    pieces_.clear();
    runs_.clear();
}

}  // namespace causeway::esp
