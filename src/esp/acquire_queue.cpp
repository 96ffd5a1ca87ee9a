#include "esp/acquire_queue.hpp"

#include <utility>

namespace causeway::esp {

std::size_t AcquireQueue::push(ByteView packet) {
    if (packet.size() > max_octets) {
        return 1;
    }
    std::size_t dropped = 0;
    while (packets_.size() >= max_packets || octets_ + packet.size() > max_octets) {
        octets_ -= packets_.front().size();
        packets_.pop_front();
        ++dropped;
    }
    packets_.push_back(to_bytes(packet));
    octets_ += packet.size();
    return dropped;
}

std::deque<Bytes> AcquireQueue::take() {
    octets_ = 0;
    return std::exchange(packets_, {});
}

}  // namespace causeway::esp
