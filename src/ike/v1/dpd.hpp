// Dead peer detection by its sequence numbers (RFC 3706): which one a question of ours has and where it is asked, what
// is its answer, which questions of the peer's there were, and what numbers show of a message's age. When a question
// leaves, and what silence means, is not decided here.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/occasional.hpp"
#include "base/time.hpp"
#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "ike/session.hpp"
#include "ike/v1/answers.hpp"

namespace causeway::ike::v1 {

class Dpd {
 public:
    // ---- our questions ----

    /// Any number will do: it begins below 2^31 (RFC 3706 5.3).
    void begin(std::uint32_t drawn) { sequence_ = drawn & 0x7fffffff; }
    /// A new question leaves, with the next number; a repetition keeps it. After questions about the path that have
    /// had no answer it is one of them, to the peer.
    void ask(Instant now);
    /// The same again: which of the two an answer is to nobody knows (RFC 6298 3).
    void ask_again() { asked_once_.reset(); }
    /// A question about the path leaves: all of them are one question until it is answered, whatever their size.
    void ask_about_path();
    /// What is sent: the number as the notification's data.
    [[nodiscard]] Bytes number() const;
    /// False: it is no answer to our last question.
    [[nodiscard]] bool take_answer(const Bytes& data);
    /// What the answer that was taken now has taken, when its question was asked once; for one that comes again: nothing.
    [[nodiscard]] std::optional<Duration> round_trip(Instant now);

    // ---- where it is asked as well ----

    /// Something has come from there that proves nothing. False: the peer was asked about such a place just now.
    [[nodiscard]] bool ask_also(const Place& there, Instant now);
    [[nodiscard]] std::optional<Place> also_asked_at() const {
        return elsewhere_ ? std::optional(*elsewhere_) : std::nullopt;
    }
    /// It is known where the peer is, or nothing speaks for another place any more.
    void ask_here_only() { elsewhere_.reset(); }

    // ---- the peer's questions ----

    /// It has asked; RFC 3706 5.3: the answer repeats the number, whatever it is.
    void asked_by_peer(const Bytes& data);
    void answered(Bytes request_digest, Bytes reply) {
        answer_.emplace(std::move(request_digest), std::move(reply));
    }
    /// Of its last question, when this is that one again; else null.
    [[nodiscard]] const Bytes* answer_to(const Bytes& request_digest) const;

    // ---- what numbers show ----

    /// Nothing else in an Informational says when it was made.
    enum class Newness {
        unknown,
        old,     ///< it was overtaken
        proved,  ///< nobody can have seen it before
    };
    /// RFC 3706 5.4: new are a number greater than all before, and the answer to a question that has none. They may
    /// begin anywhere and pass 2^32 (RFC 1982).
    [[nodiscard]] Newness newness(const std::vector<isakmp::Payload>& payloads) const;

 private:
    [[nodiscard]] Newness newness_of_question(std::uint32_t number) const;
    [[nodiscard]] Newness newness_of_answer(std::uint32_t number) const;

    std::uint32_t sequence_ = 0;
    bool awaited_ = false;        ///< its answer has not come, whatever else has shown life since
    OptionalInstant asked_once_;  ///< the question that waits for its answer, and is not about the path
    bool number_open_ = false;    ///< one about the path has had no answer: its number is repeated
    Occasional<Place> elsewhere_;
    OptionalInstant asked_elsewhere_;
    std::optional<Answer> answer_;
    std::optional<std::uint32_t> highest_of_peer_;
};

}  // namespace causeway::ike::v1
