#include "ike/engine/retries.hpp"

#include <algorithm>
#include <utility>

#include "ike/engine/backoff.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {

namespace {

/// After a Quick Mode that has failed.
constexpr Duration first_pause = 4 * limits::retry_first;

}  // namespace

void Setbacks::count(Instant made, Instant now, RandomSource& random) {
    if (made + limits::lasting <= now) {
        *this = {};
        return;
    }
    ++count_;
    if (is_habit()) {
        pause_until_ =
            now + jittered(backoff(limits::retry_first, count_ - 1), retry_jitter_permille, random);
    }
}

std::optional<Instant> Retries::next_timeout(bool missing, Instant now) const {
    if ((!next_attempt_ && setbacks_.pause_until() <= now) || (!missing && !renewal_due_)) {
        return std::nullopt;
    }
    return due_at();
}

void Retries::renew_at(std::optional<Instant> at) {
    renewal_due_ = true;
    next_attempt_ = at;
}

void Retries::came_up() {
    failures_ = 0;
    next_attempt_.reset();
    renewal_due_ = false;
}

void Retries::attempt_failed(Duration pause, Carried carried, Instant now, RandomSource& random) {
    next_attempt_ = now + jittered(pause, retry_jitter_permille, random);
    renewal_due_ = carried == Carried::yes;
}

void Retries::failed(Carried carried, Instant now, RandomSource& random) {
    ++failures_;
    attempt_failed(backoff(first_pause, failures_), carried, now, random);
}

void Retries::group_refused(Carried carried, Instant now, RandomSource& random) {
    attempt_failed(limits::retry_first, carried, now, random);
}

void Retries::carrier_lost(Instant made, std::optional<Instant> left_until, Instant now,
                           RandomSource& random) {
    setbacks_.count(made, now, random);
    if (left_until) {
        setbacks_.shorten_pause(std::max(now + limits::retry_wanted, *left_until - limits::pause_before_end));
    }
}

void Retries::raised_by_command() {
    next_attempt_.reset();
    rest_until_.reset();
    setbacks_.end_pause();
}

void Retries::newly_wanted() {
    if (failures_ == 0) {
        next_attempt_.reset();
    }
}

void Retries::wait_no_longer_than(Instant until) {
    if (next_attempt_) {
        next_attempt_ = std::min(*next_attempt_, until);
    }
    setbacks_.shorten_pause(until);
}

bool Retries::rest_until(std::optional<Instant> until) {
    rest_until_ = until;
    return rest_until_ && !std::exchange(short_life_told_, true);
}

bool Retries::rest_at_least_until(Instant until, Instant now) {
    rest_until_ = std::max(rest_until_.value_or(Instant{}), until);
    return *rest_until_ > now && !std::exchange(short_life_told_, true);
}

void Retries::keep_rest(Instant now) {
    if (rest_until_ && *rest_until_ > now) {
        next_attempt_ = std::max(next_attempt_.value_or(now), *rest_until_);
    }
}

bool Retries::renew_unanswered(Instant since, Duration silence, Duration first, Instant now) {
    if (!unanswered_at_ || since > *unanswered_at_) {
        patience_ = first;  // something has come since
    }
    if (silence < patience_) {
        return false;
    }
    patience_ = std::min(patience_ * 2, std::max<Duration>(first, limits::unanswered_renewal_max));
    unanswered_at_ = now;
    renew_now();
    return true;
}

}  // namespace causeway::ike
