// One Quick Mode under an ISAKMP SA: where its state is (quick_mode.hpp), which of its messages is sent again and which
// answered again, what it has made, and when it is forgotten. What is told of it, and what goes out, the session does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "ike/session.hpp"
#include "ike/v1/answers.hpp"
#include "ike/v1/quick_mode.hpp"
#include "ike/v1/retransmission.hpp"
#include "sa/sa.hpp"

namespace causeway::ike::v1 {

class Exchange {
 public:
    struct Begun {
        Role role = Role::responder;
        std::uint32_t id = 0;  ///< its message id
        sa::ReqId reqid = 0;
        std::uint64_t step = 0;  ///< of the engine
        Instant since{};
        std::shared_ptr<const config::Tunnel> trial{};  ///< of ChildOffer
    };
    /// `model` keeps what the state points at.
    Exchange(Begun begun, std::shared_ptr<const config::Model> model);

    // ---- which one it is ----

    [[nodiscard]] Role role() const { return begun_.role; }
    [[nodiscard]] bool ours() const { return begun_.role == Role::initiator; }
    [[nodiscard]] std::uint32_t message_id() const { return begun_.id; }
    [[nodiscard]] sa::ReqId reqid() const { return begun_.reqid; }
    [[nodiscard]] std::uint64_t begun() const { return begun_.step; }
    [[nodiscard]] Instant since() const { return begun_.since; }
    /// Nothing of it is to be used.
    [[nodiscard]] bool is_trial() const { return begun_.trial != nullptr; }
    /// Names it and its Diffie-Hellman: never 0, for 0 is no message id of a Quick Mode (RFC 2408 3.1). Ids of both
    /// ends may meet.
    [[nodiscard]] std::uint64_t dh_tag() const { return std::uint64_t{begun_.id} << 1U | (ours() ? 1U : 0U); }

    // ---- its messages ----

    /// The state after the next message, or after Diffie-Hellman; Errc::cancelled: it waits for something else.
    [[nodiscard]] Result<quick_mode::State> next(const Message& message,
                                                 const quick_mode::QuickContext& context,
                                                 Effects& effects) const;
    [[nodiscard]] Result<quick_mode::State> next(const DhResult& dh, const quick_mode::QuickContext& context,
                                                 Effects& effects) const;
    /// Null: it is finished, and nothing of it is kept but what repetitions need.
    [[nodiscard]] const quick_mode::State* state() const { return state_.get(); }
    /// A step was taken: what was sent before is not repeated by timer any more.
    void advance(quick_mode::State next);
    /// The answer to that request waits for Diffie-Hellman.
    void await_dh(Bytes request_digest) { pending_request_digest_ = std::move(request_digest); }
    [[nodiscard]] Bytes take_pending_request();
    /// Our message has left that the peer is to answer.
    void sent(Bytes datagram, Instant now) { retransmission_.emplace(std::move(datagram), now); }
    /// Message 2 has left. The peer is authenticated, so it is repeated by timer until message 3 comes.
    void sent_message_2(Bytes request_digest, const Bytes& reply, Instant now);
    /// Message 3 has left.
    void sent_message_3(Bytes request_digest, Bytes reply, Instant now);
    /// The same, again: whether the peer had it before nobody knows.
    void repeated_message_3(Instant now);
    /// Message 3 has come: message 2 is not wanted again.
    void confirmed_by_peer() { answer_.reset(); }

    /// To where a message of ours goes; nothing: to where the peer is.
    [[nodiscard]] const std::optional<Place>& place() const { return place_; }
    /// Message 1 came from elsewhere: so answers go there, until something proves to have been made just now.
    void answer_at(const std::optional<Place>& place) { place_ = place; }
    void answer_at_the_peer() { place_.reset(); }

    /// That request was answered: the answer to its repetition; else null.
    [[nodiscard]] const Bytes* answer_to(const Bytes& request_digest) const;
    /// Nothing comes of that message: it came before, or too late.
    [[nodiscard]] bool has_done_with(const Bytes& request_digest) const {
        return request_digest == pending_request_digest_ || finished_;
    }

    // ---- its deadlines ----

    /// Here, for it is done for all of them after each input.
    void add_timers(ike::Session::Timers& timers) const {
        timers.add(expires_);
        if (retransmission_) {
            timers.add(retransmission_->next());
        }
    }
    [[nodiscard]] bool repetition_due(Instant now) const {
        return retransmission_ && retransmission_->due(now);
    }
    /// Of ours: so many messages had no answer that it is asked whether the peer knows the ISAKMP SA.
    [[nodiscard]] bool leaves_doubt(Instant now) const;
    /// Of ours: so many messages had no answer that it may make room for another.
    [[nodiscard]] bool may_make_room(Instant now) const;
    /// How often the message that is repeated has left.
    [[nodiscard]] unsigned tries() const { return retransmission_ ? retransmission_->tries() : 0; }
    /// Nothing: it has been repeated as often as it may.
    [[nodiscard]] std::optional<Bytes> repeat(Instant now) { return retransmission_->again(now); }
    /// It has taken too long; or, when it is over, it is forgotten.
    [[nodiscard]] bool expired(Instant now) const { return expires_ <= now; }
    /// The next message is to be expected any moment.
    [[nodiscard]] bool under_way(Instant now) const;

    // ---- what it makes, and how it ends ----

    /// Of a state that has agreed.
    [[nodiscard]] AgreedChild agreed(const quick_mode::QuickProgress& progress,
                                     const quick_mode::Agreement& agreement) const;
    void made(std::optional<sa::SaId> id) { made_ = id; }
    [[nodiscard]] const std::optional<sa::SaId>& made() const { return made_; }

    [[nodiscard]] bool finished() const { return finished_; }
    /// Nothing more is to come. It is remembered for a while, for what is repeated; its keys are not.
    void finish(Instant now);
    /// The same, and nothing is answered again.
    void fail(Instant now);
    /// The ISAKMP SA ends.
    void abandon() { finished_ = true; }

    // ---- whether the peer may refuse it ----

    /// By an error that names no Quick Mode, about message 2, which has just left.
    [[nodiscard]] bool message_2_is_judged(Instant now) const;
    /// The same of message 3.
    [[nodiscard]] bool message_3_is_judged(Instant now) const;
    [[nodiscard]] bool has_sent_message_3() const { return confirmed_at_.has_value(); }
    /// The SPIs that an error about what waits for an answer may name (RFC 2408 3.14): the one that we offered and,
    /// after our answer, the peer's own. Nothing: none of ours waits for one.
    struct NamedBy {
        std::uint32_t ours = 0;
        std::uint32_t theirs = 0;  ///< 0: not yet
    };
    [[nodiscard]] std::optional<NamedBy> waits_as() const;
    /// An error about a message 3 may be about its, or not: what it made stays.
    [[nodiscard]] bool in_doubt() const { return in_doubt_; }
    void doubt() { in_doubt_ = true; }

 private:
    Begun begun_;
    std::shared_ptr<const config::Model> model_;
    std::unique_ptr<quick_mode::State> state_ = std::make_unique<quick_mode::State>();
    std::optional<Retransmission> retransmission_;
    std::optional<Answer> answer_;
    Bytes pending_request_digest_;
    std::optional<Place> place_;
    std::optional<sa::SaId> made_;
    std::optional<Instant> confirmed_at_;  ///< our message 3 left, the last time
    bool in_doubt_ = false;
    Instant expires_;
    bool finished_ = false;
};

}  // namespace causeway::ike::v1
