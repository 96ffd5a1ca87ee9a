#include "esp/acquire_queue.hpp"

#include <utility>

namespace causeway::esp {

std::size_t AcquireQueue::push(ByteView packet, Instant now) {
    if (packet.size() > max_octets) {
        return 1;
    }
    std::size_t dropped = 0;
    while (packets_.size() >= max_packets || octets_ + packet.size() > max_octets) {
        octets_ -= packets_.front().packet.size();
        packets_.erase(packets_.begin());
        ++dropped;
    }
    packets_.push_back({now, to_bytes(packet)});
    octets_ += packet.size();
    return dropped;
}

std::vector<Bytes> AcquireQueue::take(Instant now) {
    std::vector<Bytes> fresh;
    fresh.reserve(packets_.size());
    for (Waiting& waiting : packets_) {
        if (now - waiting.since <= max_age) {
            fresh.push_back(std::move(waiting.packet));
        }
    }
    clear();
    return fresh;
}

void AcquireQueue::clear() {
    packets_ = {};
    octets_ = 0;
}

}  // namespace causeway::esp
