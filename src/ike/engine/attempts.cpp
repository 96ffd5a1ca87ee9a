#include "ike/engine/attempts.hpp"

#include <algorithm>
#include <utility>

#include "ike/engine/backoff.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {

void Attempts::anew() {
    failures_ = 0;
    next_.reset();
}

void Attempts::raised_by_command() {
    next_.reset();
    rest_until_.reset();
    setbacks_.end_pause();
}

void Attempts::wait_no_longer_than(Instant until) {
    if (next_) {
        next_ = std::min(*next_, until);
    }
    setbacks_.shorten_pause(until);
}

void Attempts::try_soon(Instant now, RandomSource& random) {
    if (!next_) {
        next_ = now + jittered(limits::retry_first, retry_jitter_permille, random);
    }
}

void Attempts::failed(Patience patience, Instant now, RandomSource& random) {
    ++failures_;
    if (next_ && *next_ > now) {
        return;
    }
    const Duration pause = backoff(limits::retry_first, failures_);
    next_ = now + (patience == Patience::little ? std::min<Duration>(pause, limits::own_change_retry)
                                                : jittered(pause, retry_jitter_permille, random));
}

void Attempts::group_refused(Instant now, RandomSource& random) {
    next_ = now + jittered(limits::retry_first, retry_jitter_permille, random);
}

bool Attempts::rest_until(std::optional<Instant> until) {
    rest_until_ = until;
    return until && !std::exchange(short_life_told_, true);
}

void Attempts::keep_rest(Instant now) {
    if (rest_until_ && *rest_until_ > now) {
        next_ = std::max(next_.value_or(now), *rest_until_);
    }
}

}  // namespace causeway::ike
