// When one tunnel is negotiated next: renewals that are due, attempts that have failed, successes that were lost
// at once. Knows neither what carries it nor whether it is wanted.
#pragma once

#include <algorithm>
#include <optional>

#include "base/random.hpp"
#include "base/time.hpp"

namespace causeway::ike {

/// Successes that were lost at once, one after the other: each makes the pause before the next attempt
/// longer. Nothing but a command shortens it below limits::retry_wanted; the count ends with a success that
/// lasts.
class Setbacks {
 public:
    /// What was made at `made` is lost.
    void count(Instant made, Instant now, RandomSource& random);
    void shorten_pause(Instant until) { pause_until_ = std::min(pause_until_, until); }
    void end_pause() { pause_until_ = {}; }

    [[nodiscard]] unsigned counted() const { return count_; }
    /// Once is none: the peer may have been told to, or have restarted.
    [[nodiscard]] bool is_habit() const { return count_ >= 2; }
    [[nodiscard]] Instant pause_until() const { return pause_until_; }

 private:
    unsigned count_ = 0;
    Instant pause_until_{};
};

class Retries {
 public:
    /// A renewal, of what carries it.
    [[nodiscard]] bool renewal_due() const { return renewal_due_; }
    [[nodiscard]] unsigned failures() const { return failures_; }
    [[nodiscard]] const Setbacks& setbacks() const { return setbacks_; }
    /// Nothing is begun before that; in the past: at once.
    [[nodiscard]] Instant due_at() const {
        return std::max(next_attempt_.value_or(Instant{}), setbacks_.pause_until());
    }
    /// It waits for an instant that was set.
    [[nodiscard]] bool waits() const { return next_attempt_.has_value(); }
    /// It is to be negotiated now. `missing`: it is wanted, and nothing carries it.
    [[nodiscard]] bool is_due(bool missing, Instant now) const {
        return (missing || renewal_due_) && due_at() <= now;
    }
    /// When that will be.
    [[nodiscard]] std::optional<Instant> next_timeout(bool missing, Instant now) const;

    // What carries it is to be renewed, ...
    void renew() { renewal_due_ = true; }         ///< ... when the next attempt is due anyway
    void renew_now() { renew_at(std::nullopt); }  ///< ... whatever was to be waited for
    void renew_at(std::optional<Instant> at);     ///< ... then; nothing: now
    void forget_renewal() { renewal_due_ = false; }
    /// Whatever is wanted is tried then; nothing: now.
    void try_at(std::optional<Instant> at) { next_attempt_ = at; }

    /// Its time has come: what was waited for is over, whether it can begin at once or not.
    void take_turn() { next_attempt_.reset(); }
    void begin() { renewal_due_ = false; }
    /// Something carries it.
    void came_up();
    /// The same, but the peer says that it does not have it: what was due stays so.
    void came_up_disclaimed() { failures_ = 0; }

    enum class Carried { no, yes };
    /// A negotiation has failed. A renewal that failed is still due.
    void failed(Carried carried, Instant now, RandomSource& random);
    /// The same, and there is another group to be offered.
    void group_refused(Carried carried, Instant now, RandomSource& random);
    /// Something that was made has turned out to be of no use.
    void count_setback(Instant made, Instant now, RandomSource& random) {
        setbacks_.count(made, now, random);
    }
    /// What carried it and was made at `made` is lost; what is left carries until `left_until`, if any.
    void carrier_lost(Instant made, std::optional<Instant> left_until, Instant now, RandomSource& random);

    void raised_by_command();
    /// By a packet, while it was not wanted before.
    void newly_wanted();
    /// Somebody would notice longer pauses.
    void wait_no_longer_than(Instant until);

    /// The peer's wish ends its pairs sooner than we renew them: nothing is begun by us before. True: that is
    /// to be told, once.
    bool rest_until(std::optional<Instant> until);
    bool rest_at_least_until(Instant until, Instant now);
    /// What is waited for is not before the end of that rest.
    void keep_rest(Instant now);

    /// Its traffic is not answered since `since`, for `silence`, though the peer is there. True: it is renewed
    /// for that, after longer and longer times, `first` to begin with, while nothing comes.
    bool renew_unanswered(Instant since, Duration silence, Duration first, Instant now);

 private:
    void attempt_failed(Duration pause, Carried carried, Instant now, RandomSource& random);

    bool renewal_due_ = false;
    unsigned failures_ = 0;
    OptionalInstant next_attempt_;
    Setbacks setbacks_;
    OptionalInstant rest_until_;
    bool short_life_told_ = false;
    Duration patience_{};            ///< with traffic that is not answered
    OptionalInstant unanswered_at_;  ///< it was renewed for that
};

}  // namespace causeway::ike
