// The peer's messages of Phase 1: which have been answered and get the same again, for which one Diffie-Hellman is
// being computed, how long an answer may be, and how many had no use.
#pragma once

#include <cstddef>
#include <utility>

#include "base/bytes.hpp"
#include "ike/v1/answers.hpp"

namespace causeway::ike::v1 {

class Phase1Requests {
 public:
    /// One that is so long was read; our answer is to it.
    void read(std::size_t octets) { octets_ = octets; }
    [[nodiscard]] std::size_t octets() const { return octets_; }
    /// To somebody who has proved nothing: see limits::answer_per_request.
    [[nodiscard]] bool admits(const Bytes& answer) const;

    /// The answer waits for Diffie-Hellman.
    void await_dh(Bytes digest) { pending_ = std::move(digest); }
    [[nodiscard]] bool is_pending(const Bytes& digest) const { return digest == pending_; }
    [[nodiscard]] Bytes take_pending() { return std::exchange(pending_, {}); }
    /// It has come to nothing: the same message may be read again.
    void forget_pending() { pending_.clear(); }

    void answered(Bytes digest, Bytes reply) { answers_.add(std::move(digest), std::move(reply)); }
    /// Null: it is none of the latest.
    [[nodiscard]] const Bytes* answer_to(const Bytes& digest) const { return answers_.to(digest); }
    /// The latest answer, to be sent once more because of another message, of so many octets. Null: there is none, or
    /// it is too long.
    [[nodiscard]] const Bytes* latest_answer_for(std::size_t octets) const;

    /// The peer has gone on under what they have led to: who repeats one now has its answer.
    void forget() { answers_ = {}; }

    /// One had a Diffie-Hellman value that the group does not admit. False: that has been so too often.
    [[nodiscard]] bool may_do_better();

 private:
    LastAnswers answers_;
    Bytes pending_;
    std::size_t octets_ = 0;
    unsigned refused_values_ = 0;
};

}  // namespace causeway::ike::v1
