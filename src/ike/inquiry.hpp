// Whether the peer of one conversation is there: what has been heard under it, which question waits for its answer,
// and when to look again. How a question is put the version of IKE knows (RFC 3706, RFC 7296 2.4); what silence
// means the engine decides.
#pragma once

#include <optional>

#include "base/time.hpp"

namespace causeway::ike {

class Inquiry {
 public:
    /// The peer can be asked, and is looked after from `next` on.
    void begin(Instant next) { next_ = next; }
    [[nodiscard]] bool possible() const { return next_.has_value(); }
    [[nodiscard]] std::optional<Instant> next() const { return next_; }  ///< when to look again
    void look_at(Instant next) { next_ = next; }
    void look_no_later_than(Instant latest);

    // ---- what has been heard ----

    void established(Instant now) { last_heard_ = now; }
    /// Something that is authenticated and has not been there before.
    void heard(Instant now);
    [[nodiscard]] Instant last_heard() const { return last_heard_; }
    /// Something has come under it since it was established: else the peer may not have our last message.
    [[nodiscard]] bool proven() const { return proven_; }
    /// The question has its answer.
    void answered();
    [[nodiscard]] bool ever_answered() const { return ever_answered_; }
    /// The peer lives. True: it was being asked eagerly until now.
    bool shows_life();

    // ---- questions ----

    /// One leaves: a new one, or the last one again. Sets when to look again.
    void ask(Instant now);
    [[nodiscard]] Instant asked() const { return asked_; }  ///< the question that waits for its answer
    [[nodiscard]] unsigned unanswered() const { return unanswered_; }  ///< how often that one has left
    /// It has left once, and its answer is to be expected any moment.
    [[nodiscard]] bool under_way(Instant now) const;
    [[nodiscard]] Instant under_way_until() const;
    /// No question waits for its answer any more; it is looked again then.
    void rest(Instant next);
    /// Somebody without keys says that something is wrong. True: the peer is to be asked, for it has not just been.
    bool take_hint(Instant now);

    // ---- doubts ----

    /// Traffic has no answer: once a second.
    void hasten() { eager_ = true; }
    void calm();
    [[nodiscard]] bool eager() const { return eager_; }
    /// The peer is said not to know the conversation: its ESP is no answer.
    void disown() { disowned_ = true; }
    [[nodiscard]] bool disowned() const { return disowned_; }
    /// What we have begun under it has no answer: nor is ESP one then.
    void unheeded() { unheeded_ = true; }
    void heeded() { unheeded_ = false; }
    [[nodiscard]] bool is_unheeded() const { return unheeded_; }

 private:
    Instant last_heard_{};
    Instant asked_{};
    unsigned unanswered_ = 0;
    bool proven_ = false;
    bool ever_answered_ = false;
    bool eager_ = false;
    bool disowned_ = false;
    bool unheeded_ = false;
    OptionalInstant next_;
    OptionalInstant last_hint_;
};

}  // namespace causeway::ike
