#include "dataplane/userspace/tun_port.hpp"

#include <algorithm>
#include <utility>

namespace causeway::dataplane {

namespace {

constexpr std::size_t turn_frames = 64;
constexpr std::size_t batch_packets = 64;
// Four trains of the largest size; of small frames the most that a turn has take a part of it.
constexpr std::size_t train_slots_octets = std::size_t{256} * 1024;
// Frames begin at lines of the processor's cache.
constexpr std::size_t line = 64;

bool merges(const host::Tun& tun) {
    return tun.offloads().tcp.on;
}

}  // namespace

TunPort::TunPort(host::Tun tun, unsigned mtu)
    : tun_(std::move(tun)),
      room_octets_(merges(tun_) ? host::Tun::frame_octets : std::max<std::size_t>(2048, mtu)),
      slots_octets_(merges(tun_) ? train_slots_octets : turn_frames * (room_octets_ + line)),
      slots_(std::make_unique_for_overwrite<std::uint8_t[]>(slots_octets_)),
      merger_({tun_.offloads().tcp.on, tun_.offloads().udp.on}) {
    packets_.reserve(2 * batch_packets);
}

std::size_t TunPort::read(const Deal& deal) {
    std::size_t lying = 0;
    std::size_t used = 0;
    packets_.clear();
    splitter_.release();
    for (std::size_t frames = 0; frames < turn_frames && slots_octets_ - used >= room_octets_; ++frames) {
        const host::Tun::Frame frame = tun_.read({slots_.get() + used, room_octets_});
        if (frame.packet.empty()) {
            break;
        }
        used = std::min(slots_octets_, (used + frame.packet.size() + line - 1) / line * line);
        lying += splitter_.begin(frame.packet, frame.header) ? 0 : 1;
        while (!splitter_.done()) {
            splitter_.next(packets_);
            if (!splitter_.done() || packets_.size() >= batch_packets) {
                deal(packets_);
                packets_.clear();
                splitter_.release();
            }
        }
    }
    if (!packets_.empty()) {
        deal(packets_);
    }
    return lying;
}

std::size_t TunPort::write(std::span<const esp::Arrival> batch) {
    std::size_t refused = 0;
    if (!merges(tun_)) {
        for (const esp::Arrival& arrival : batch) {
            refused += arrival.inner.empty() || tun_.write(arrival.inner) ? 0 : 1;
        }
        return refused;
    }
    for (const esp::Arrival& arrival : batch) {
        if (!arrival.inner.empty()) {
            merger_.add(arrival.inner);
        }
    }
    for (const esp::Merger::Run& run : merger_.finish()) {
        switch (tun_.write(run.header, run.pieces)) {
            case host::Tun::Written::taken:
                break;
            case host::Tun::Written::refused:
                refused += run.pieces.size();
                break;
            case host::Tun::Written::unmerged:
                refused += write_parts(run);
                break;
        }
    }
    merger_.clear();
    return refused;
}

// A kernel that refuses a run has been seen to take its packets. The splitter is free: nothing is written in the
// midst of a read but single packets.
std::size_t TunPort::write_parts(const esp::Merger::Run& run) {
    frame_.clear();
    for (const ByteView piece : run.pieces) {
        append(frame_, piece);
    }
    std::size_t refused = 0;
    for (splitter_.begin(frame_, run.header); !splitter_.done();) {
        packets_.clear();
        splitter_.release();
        splitter_.next(packets_);
        for (const ByteView packet : packets_) {
            refused += tun_.write(packet) ? 0 : 1;
        }
    }
    return refused;
}

}  // namespace causeway::dataplane
