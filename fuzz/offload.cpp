// Segmentation offload on hostile octets. The first octet chooses: a header and a frame to be split, or a batch
// of packets to be merged, told so that flows come about and checksums can be right. What comes out is judged by
// the plain arithmetic of the tests; runs are split again and have to be what they were made of.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "codec/vnet/header.hpp"
#include "esp/merger.hpp"
#include "esp/splitter.hpp"
#include "unit/esp/packets.hpp"

namespace {

using namespace causeway;
using test::get16;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

class Input {
 public:
    explicit Input(ByteView octets) : octets_(octets) {}
    [[nodiscard]] bool empty() const { return octets_.empty(); }
    std::uint8_t octet() {
        const ByteView one = take(1);
        return one.empty() ? std::uint8_t{0} : one[0];
    }
    ByteView take(std::size_t size) {
        const ByteView taken = octets_.first(std::min(size, octets_.size()));
        octets_ = octets_.subspan(taken.size());
        return taken;
    }

 private:
    ByteView octets_;
};

std::size_t ip_header_of(ByteView packet) {
    return std::size_t{packet[0] & 15U} * 4;
}
std::size_t headers_of(ByteView packet) {
    const std::size_t ip = ip_header_of(packet);
    return ip + (packet[9] == 6 ? packet[ip + 12] / std::size_t{16} * 4 : 8);
}

/// The sum over the transport's octets and what stands before them in its checksum.
std::uint32_t transport_sum(ByteView packet) {
    const std::size_t ip = ip_header_of(packet);
    const auto octets = static_cast<std::uint32_t>(packet.size() - ip);
    return test::ones_sum(packet.subspan(ip), test::ones_sum(packet.subspan(12, 8)) + packet[9] + octets);
}

/// One packet of a train: complete, and its headers those of the frame where they should be.
void check_segment(ByteView packet, ByteView frame, std::size_t number) {
    const std::size_t ip = ip_header_of(packet);
    const std::size_t headers = headers_of(packet);
    require(packet.size() > headers && get16(packet, 2) == packet.size());
    require(test::header_checksum_right(packet) && transport_sum(packet) == 0xffff);
    require(get16(packet, 4) == ((get16(frame, 4) + number) & 0xffff));
    require(packet[0] == frame[0] && packet[1] == frame[1] &&
            equal(packet.subspan(6, 4), frame.subspan(6, 4)));
    require(equal(packet.subspan(12, ip + 4 - 12), frame.subspan(12, ip + 4 - 12)));
    if (packet[9] == 17) {
        require(get16(packet, ip + 4) == packet.size() - ip && get16(packet, ip + 6) != 0);
        return;
    }
    const std::uint8_t added = static_cast<std::uint8_t>(packet[ip + 13] & ~frame[ip + 13]);
    require(added == 0);
    require(equal(packet.subspan(ip + 8, 5), frame.subspan(ip + 8, 5)));
    require(equal(packet.subspan(ip + 14, 2), frame.subspan(ip + 14, 2)));
    require(equal(packet.subspan(ip + 18, headers - ip - 18), frame.subspan(ip + 18, headers - ip - 18)));
}

/// Calls `each` for the packets of the frame one by one, and says how many there were.
template <class Each>
std::size_t split(esp::Splitter& splitter, Bytes& frame, const vnet::Header& header, Each each) {
    std::size_t count = 0;
    if (!splitter.begin(frame, header)) {
        require(splitter.done());
        return count;
    }
    std::vector<ByteView> views;
    while (!splitter.done()) {
        views.clear();
        splitter.next(views);
        require(!views.empty());
        for (const ByteView view : views) {
            each(view, count++);
        }
        splitter.release();
    }
    return count;
}

void split_frame(Input input, std::size_t more) {
    const auto header = vnet::decode(input.take(vnet::header_octets));
    if (!header) {
        return;
    }
    Bytes frame = to_bytes(input.take(~std::size_t{0}));
    frame.resize(frame.size() + more);
    const bool filled = more != 0 && frame.size() >= 20;
    if (filled && frame.size() <= 65535) {  // or no long one would ever say its length
        test::put16(frame, 2, static_cast<std::uint32_t>(frame.size()));
    }
    const Bytes before = frame;
    esp::Splitter splitter(0);
    if (header->segmentation == vnet::Segmentation::none) {
        const std::size_t count = split(splitter, frame, *header, [&](ByteView packet, std::size_t) {
            require(packet.size() == before.size());
            const std::size_t at = std::size_t{header->checksum_start} + header->checksum_offset;
            for (std::size_t i = 0; i < before.size(); ++i) {
                require(packet[i] == before[i] || (header->needs_checksum && (i == at || i == at + 1)));
            }
        });
        require(count == 1 || (header->needs_checksum && count == 0));
        return;
    }
    std::size_t at = 0;
    const std::size_t count = split(splitter, frame, *header, [&](ByteView packet, std::size_t number) {
        check_segment(packet, before, number);
        const std::size_t headers = headers_of(packet);
        const ByteView payload = packet.subspan(headers);
        at = number == 0 ? headers : at;
        require(at + payload.size() <= before.size());
        require(equal(payload, ByteView(before).subspan(at, payload.size())));
        at += payload.size();
        require(payload.size() == header->segment_octets ||
                (at == before.size() && payload.size() < header->segment_octets));
    });
    require(count == 0 || at == before.size());
}

bool has_headers(ByteView packet) {
    return packet.size() >= 20 && packet[0] >> 4 == 4 && ip_header_of(packet) >= 20 &&
           (packet[9] == 6 || packet[9] == 17) && packet.size() >= ip_header_of(packet) + 20 &&
           headers_of(packet) <= packet.size();
}

/// Lengths and checksums that are right, as far as the packet has places for them.
void mend(Bytes& packet) {
    if (packet.size() < 20 || ip_header_of(packet) < 20 || ip_header_of(packet) > packet.size()) {
        return;
    }
    const std::size_t ip = ip_header_of(packet);
    test::put16(packet, 2, static_cast<std::uint32_t>(packet.size()));
    test::put16(packet, 10, 0);
    test::put16(packet, 10, ~test::ones_sum(ByteView(packet).first(ip)) & 0xffff);
    if (!has_headers(packet)) {
        return;
    }
    const std::size_t at = ip + (packet[9] == 6 ? 16 : 6);
    if (packet[9] == 17) {
        test::put16(packet, ip + 4, static_cast<std::uint32_t>(packet.size() - ip));
    }
    test::put16(packet, at, 0);
    const std::uint32_t checksum = ~transport_sum(packet) & 0xffff;
    test::put16(packet, at, packet[9] == 17 && checksum == 0 ? 0xffff : checksum);
}

/// What the sender of `packet` might send next.
Bytes successor(const Bytes& packet, std::uint8_t size, std::uint8_t place, std::uint8_t change) {
    Bytes next = packet;
    if (!has_headers(packet)) {
        return next;
    }
    const std::size_t ip = ip_header_of(packet);
    const std::size_t headers = headers_of(packet);
    test::put16(next, 4, get16(packet, 4) + 1);
    if (packet[9] == 6) {
        const std::uint32_t sequence = get16(packet, ip + 4) << 16 | get16(packet, ip + 6);
        test::put32(next, ip + 4, sequence + static_cast<std::uint32_t>(packet.size() - headers));
    }
    if (size != 0) {
        next.resize(headers + (size % 2 == 0 ? packet.size() - headers : size * std::size_t{6}), size);
    }
    if (place < next.size()) {
        next[place] ^= change;
    }
    return next;
}

std::vector<Bytes> batch_of(Input input) {
    std::vector<Bytes> batch;
    std::size_t octets = 0;
    while (!input.empty() && batch.size() < 100 && octets < 150000) {
        const std::uint8_t how = input.octet();
        if (batch.empty() || how % 4 == 0) {
            batch.push_back(to_bytes(input.take(input.octet())));
        } else {
            const Bytes& from = batch[batch.size() - 1 - how / 16 % batch.size()];
            const std::uint8_t size = how % 4 == 1 ? std::uint8_t{0} : input.octet();
            const std::uint8_t place = how % 4 == 3 ? input.octet() : std::uint8_t{0};
            const std::uint8_t change = how % 4 == 3 ? input.octet() : std::uint8_t{0};
            batch.push_back(successor(from, size, place, change));
        }
        if ((how & 4) == 0) {
            mend(batch.back());
        }
        octets += batch.back().size();
    }
    return batch;
}

bool same_flow(ByteView a, ByteView b) {
    return has_headers(a) && has_headers(b) && a[9] == b[9] && equal(a.subspan(12, 8), b.subspan(12, 8)) &&
           equal(a.subspan(ip_header_of(a), 4), b.subspan(ip_header_of(b), 4));
}

void merge(const std::vector<Bytes>& batch) {
    std::vector<Bytes> packets = batch;
    esp::Merger merger;
    for (Bytes& packet : packets) {
        merger.add(packet);
    }
    std::vector<std::size_t> order;
    std::vector<char> left(packets.size(), 1);
    esp::Splitter splitter;
    for (const esp::Merger::Run& run : merger.finish()) {
        Bytes frame;
        const std::size_t first = order.size();
        for (const ByteView piece : run.pieces) {
            append(frame, piece);
            // Empty packets may share an address; any of them will do.
            std::size_t at = 0;
            while (at < packets.size() && (left[at] == 0 || piece.data() + piece.size() !=
                                                                packets[at].data() + packets[at].size())) {
                ++at;
            }
            require(at < packets.size());
            left[at] = 0;
            order.push_back(at);
        }
        if (run.pieces.size() == 1) {
            require(run.header == vnet::Header{} && frame == batch[order[first]]);
            continue;
        }
        require(frame.size() <= 65535 && run.pieces.size() <= esp::Merger::most_pieces);
        const std::size_t count =
            split(splitter, frame, run.header, [&](ByteView packet, std::size_t number) {
                require(number < run.pieces.size() && equal(packet, batch[order[first + number]]));
            });
        require(count == run.pieces.size());
    }
    require(order.size() == batch.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::size_t k = i + 1; k < order.size(); ++k) {
            require(order[i] < order[k] || !same_flow(batch[order[i]], batch[order[k]]));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input({data, size});
    const std::uint8_t how = input.octet();
    if (how % 2 == 0) {
        merge(batch_of(input));
    } else {
        const std::size_t more = how / 4;
        split_frame(input, how % 4 == 1 ? 0 : more * more * 17);  // mostly little, up to 67 KiB
    }
    return 0;
}
