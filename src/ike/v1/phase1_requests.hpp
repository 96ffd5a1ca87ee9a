// The peer's messages of Phase 1: which have been answered and get the same again, for which one Diffie-Hellman is
// being computed, how long an answer may be, and how many had no use.
#pragma once

#include <cstddef>
#include <utility>

#include "base/bytes.hpp"
#include "base/occasional.hpp"
#include "ike/v1/answers.hpp"

namespace causeway::ike::v1 {

class Phase1Requests {
 public:
    /// One that is so long was read; our answer is to it.
    void read(std::size_t octets) { kept().octets = octets; }
    [[nodiscard]] std::size_t octets() const { return kept_ ? kept_->octets : 0; }
    /// To somebody who has proved nothing: see limits::answer_per_request.
    [[nodiscard]] bool admits(const Bytes& answer) const;

    /// The answer waits for Diffie-Hellman.
    void await_dh(Bytes digest) { kept().pending = std::move(digest); }
    [[nodiscard]] bool is_pending(const Bytes& digest) const { return kept_ && digest == kept_->pending; }
    [[nodiscard]] Bytes take_pending() { return kept_ ? std::exchange(kept_->pending, {}) : Bytes{}; }
    /// It has come to nothing: the same message may be read again.
    void forget_pending() { static_cast<void>(take_pending()); }

    void answered(Bytes digest, Bytes reply) { kept().answers.add(std::move(digest), std::move(reply)); }
    /// Null: it is none of the latest.
    [[nodiscard]] const Bytes* answer_to(const Bytes& digest) const {
        return kept_ ? kept_->answers.to(digest) : nullptr;
    }
    /// The latest answer, to be sent once more because of another message, of so many octets. Null: there is none, or
    /// it is too long.
    [[nodiscard]] const Bytes* latest_answer_for(std::size_t octets) const;

    /// The peer has gone on under what they have led to: who repeats one now has its answer.
    void forget() { kept_.reset(); }

    /// One had a Diffie-Hellman value that the group does not admit. False: that has been so too often.
    [[nodiscard]] bool may_do_better();

 private:
    struct Kept {
        LastAnswers answers;
        Bytes pending;
        std::size_t octets = 0;
        unsigned refused_values = 0;
    };
    Kept& kept() { return kept_ ? *kept_ : kept_.emplace(); }

    Occasional<Kept> kept_;  ///< a session needs it at its beginning only
};

}  // namespace causeway::ike::v1
