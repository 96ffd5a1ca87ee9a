// A message of ours that is sent again until the next one of its exchange comes (RFC 2408 5.1).
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace causeway::ike::v1 {

class Retransmission {
 public:
    /// It leaves now, for the first time.
    Retransmission(Bytes datagram, Instant now);

    /// How often it has left.
    [[nodiscard]] unsigned tries() const { return tries_; }
    [[nodiscard]] Instant last_sent() const { return last_sent_; }
    /// When it is due.
    [[nodiscard]] Instant next() const { return next_; }
    [[nodiscard]] bool due(Instant now) const { return next_ <= now; }

    /// It leaves once more, after longer and longer times. Nothing: it has left as often as it may.
    [[nodiscard]] std::optional<Bytes> again(Instant now);
    /// It leaves once more, however often it has; the next time after this one pause.
    [[nodiscard]] Bytes again_every(Duration pause, Instant now);

    /// What hindered it is over.
    void repeat_now(Instant now) { next_ = now; }
    /// It is due then, sooner or later than it was.
    void postpone_to(Instant at) { next_ = at; }
    /// Its answer was none: another one is waited for, as long as for the last.
    void wait_anew(Instant now) { next_ = now + interval_; }

 private:
    Bytes datagram_;
    unsigned tries_ = 1;
    Duration interval_;
    Instant last_sent_;
    Instant next_;
};

}  // namespace causeway::ike::v1
