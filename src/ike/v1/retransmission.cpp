#include "ike/v1/retransmission.hpp"

#include <algorithm>
#include <utility>

#include "ike/limits.hpp"

namespace causeway::ike::v1 {

Retransmission::Retransmission(Bytes datagram, Instant now)
    : datagram_(std::move(datagram)),
      interval_(limits::retransmit_first),
      last_sent_(now),
      next_(now + interval_) {}

std::optional<Bytes> Retransmission::again(Instant now) {
    if (tries_ >= limits::retransmit_tries) {
        return std::nullopt;
    }
    return again_every(std::min<Duration>(interval_ * 2, limits::retransmit_max), now);
}

Bytes Retransmission::again_every(Duration pause, Instant now) {
    ++tries_;
    interval_ = pause;
    last_sent_ = now;
    next_ = now + interval_;
    return datagram_;
}

}  // namespace causeway::ike::v1
