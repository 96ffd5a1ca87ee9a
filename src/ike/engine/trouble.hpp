// What went wrong with one peer: the last thing, whatever came after it, how often each has, and what the peer itself has said against
// Phase 1 since one was established.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/finding.hpp"
#include "base/occasional.hpp"
#include "base/time.hpp"

namespace causeway::ike {

/// Who is silent now may have said why before; that is what helps.
[[nodiscard]] Finding with_refusal(const Finding& why, const Occasional<Finding>& refusal);

class Trouble {
 public:
    void erred(const Finding& why, Instant now) {
        last_ = why;
        at_ = now;
        if (!times_) {
            times_.emplace();
        }
        ++(*times_)[why.code()];
    }
    /// True: it has not said so just before.
    [[nodiscard]] bool refused(const Finding& why) {
        const bool news = refusal_ != why;
        refusal_ = why;
        by_ = Said::by_the_peer;
        return news;
    }
    /// Somebody on the way says that it cannot be reached, which covers nothing that the peer itself has said. `none`: that
    /// stands. Who says it is no news.
    enum class Unreachable { none, news, known };
    [[nodiscard]] Unreachable unreachable(const Finding& why) {
        if (refusal_ && by_ == Said::by_the_peer) {
            return Unreachable::none;
        }
        const bool known = refusal_ && refusal_->id == why.id;
        refusal_ = why;
        by_ = Said::on_the_way;
        return known ? Unreachable::known : Unreachable::news;
    }
    /// It does not answer, after it may have said why. True: it has not been told just before.
    [[nodiscard]] bool silent(FindingId why) { return std::exchange(silence_, why) != why; }
    /// An attempt has ended in vain. True: the first since it was last accepted.
    [[nodiscard]] bool attempt_failed() {
        return std::exchange(attempts_fail_, AttemptsFail::yes) == AttemptsFail::no;
    }
    void accepted() {
        refusal_.reset();
        silence_.reset();
        attempts_fail_ = AttemptsFail::no;
    }

    [[nodiscard]] const Occasional<Finding>& last() const { return last_; }
    [[nodiscard]] std::optional<Instant> at() const { return at_; }
    /// How often it erred, by code; nothing: never.
    [[nodiscard]] const Occasional<std::map<Code, std::uint64_t>>& times() const { return times_; }
    [[nodiscard]] Finding explain(const Finding& why) const { return with_refusal(why, refusal_); }

 private:
    Occasional<Finding> last_;
    OptionalInstant at_;
    Occasional<std::map<Code, std::uint64_t>> times_;  ///< no longer than the catalogue
    Occasional<Finding> refusal_;
    enum class Said { by_the_peer, on_the_way } by_ = Said::by_the_peer;
    std::optional<FindingId> silence_;
    enum class AttemptsFail { no, yes } attempts_fail_ = AttemptsFail::no;
};

}  // namespace causeway::ike
