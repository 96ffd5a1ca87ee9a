// When Phase 1 with one peer is tried next: attempts that have failed, sessions that were lost at once, and the rest
// that a peer takes whose wish it is to live shortly.
#pragma once

#include <algorithm>
#include <optional>

#include "base/random.hpp"
#include "base/time.hpp"
#include "ike/engine/retries.hpp"

namespace causeway::ike {

class Attempts {
 public:
    /// Nothing is begun before that; in the past: at once.
    [[nodiscard]] Instant due_at() const {
        return std::max(next_.value_or(Instant{}), setbacks_.pause_until());
    }
    /// It waits for an instant that was set.
    [[nodiscard]] bool waits(Instant now) const { return next_ || setbacks_.pause_until() > now; }
    /// When the next try is, as far as that is settled.
    [[nodiscard]] std::optional<Instant> next() const { return next_; }
    [[nodiscard]] unsigned failures() const { return failures_; }
    [[nodiscard]] const Setbacks& setbacks() const { return setbacks_; }

    /// One begins, or what was waited for is over.
    void at_once() { next_.reset(); }
    /// The same, and failures of before do not count: something has changed that may end a silence.
    void anew();
    void raised_by_command();
    /// Somebody would notice longer pauses.
    void wait_no_longer_than(Instant until);
    /// Then, whatever was to be waited for; nothing: at once.
    void try_at(std::optional<Instant> at) { next_ = at; }
    /// After the shortest pause, if nothing else is waited for.
    void try_soon(Instant now, RandomSource& random);

    enum class Patience {
        usual,
        little,  ///< our own end has just changed, and the peer may soon know it again
    };
    void failed(Patience patience, Instant now, RandomSource& random);
    /// The same, and there is another group to be offered.
    void group_refused(Instant now, RandomSource& random);
    /// A session that was made at `made` is lost.
    void count_setback(Instant made, Instant now, RandomSource& random) {
        setbacks_.count(made, now, random);
    }

    /// The peer's wish ends its sessions sooner than we renew them: nothing is begun by us before. True: that is to be
    /// told, once.
    bool rest_until(std::optional<Instant> until);
    /// What is waited for is not before the end of that rest.
    void keep_rest(Instant now);

 private:
    OptionalInstant next_;
    unsigned failures_ = 0;
    Setbacks setbacks_;
    OptionalInstant rest_until_;
    bool short_life_told_ = false;
};

}  // namespace causeway::ike
