// A peer that has begun to call us comes first: beginning as well would make two sessions. We hold back a while, once
// for each call of ours, for anybody can write the beginning in its name.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {

class IncomingCalls {
 public:
    enum class Shown {
        nothing,     ///< a first message, that anybody can write
        round_trip,  ///< that it gets what we send
    };

    /// Somebody who may be the peer calls. Counts from the first time.
    void begun(Instant now) {
        if (!since_) {
            since_ = now;
        }
    }
    /// We have called, or one of us has got through.
    void over() { since_.reset(); }
    /// Whether a call that has shown so much is waited for.
    [[nodiscard]] bool comes_first(Shown shown, Instant now) const {
        return since_ && *since_ + patience(shown) > now;
    }
    [[nodiscard]] bool may_come_first(Instant now) const { return comes_first(Shown::round_trip, now); }
    /// Every instant at which one of these answers changes.
    template <class Visit>
    void each_deadline(Instant now, Visit&& visit) const {
        for (const auto shown : {Shown::nothing, Shown::round_trip}) {
            if (comes_first(shown, now)) {
                visit(*since_ + patience(shown));
            }
        }
    }

 private:
    static constexpr Duration patience(Shown shown) {
        return shown == Shown::nothing ? limits::let_peer_show : limits::let_peer_call;
    }

    OptionalInstant since_;
};

}  // namespace causeway::ike
