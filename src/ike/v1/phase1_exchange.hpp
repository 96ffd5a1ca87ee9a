// Phase 1 of one session, in either mode and role: in which state it is (main_mode.hpp, aggressive_mode.hpp), and what
// that means to others. A message that fails changes nothing, and what came in clear can be taken back once it turns
// out to be of no use.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "base/bytes.hpp"
#include "ike/session.hpp"
#include "ike/v1/aggressive_mode.hpp"
#include "ike/v1/main_mode.hpp"
#include "ike/v1/phase1.hpp"

namespace causeway::ike::v1 {

class Phase1Exchange {
 public:
    /// Initiator: in the peer's mode. `group`: of the only value that Aggressive Mode has room for.
    void begin(const config::Peer& peer, crypto::GroupId group, const Context& context, Effects& effects);
    /// Responder: message 1 has come.
    Result<void> respond(const negotiation::Candidates& candidates, const Message& message,
                         const Context& context, Effects& effects);
    /// The next message, or Diffie-Hellman. Errc::cancelled: it waits for something else.
    Result<void> advance(const Message& message, const Context& context, Effects& effects);
    Result<void> advance(const DhResult& dh, const Context& context, Effects& effects);
    /// The peer's value may be forged: another one is waited for. False: nothing is left to wait for.
    bool go_back();
    /// What an earlier session has found out between the same addresses. Only once it is done.
    void assume_nat(const NatFacts& nat);
    /// It is established: what only its own messages needed is given up.
    void shed();

    [[nodiscard]] config::ExchangeMode mode() const { return mode_; }
    [[nodiscard]] const Phase1Facts& progress() const;
    /// The initiator's SA payload body; empty when it is done.
    [[nodiscard]] ByteView offer() const;
    /// Of the waiting state; null when it is done.
    [[nodiscard]] const StepRule* rule() const;
    /// Null until it is done.
    [[nodiscard]] const Established* done() const { return done_.get(); }

    /// Responder of Main Mode: the next message is the first one for which Diffie-Hellman is computed.
    [[nodiscard]] bool awaits_message_3() const;
    /// Our message that proves who we are has left, or is about to: to what is known of NAT nothing is added.
    [[nodiscard]] bool has_authenticated() const;
    /// Responder of Aggressive Mode: message 2 has left, and message 3 is waited for.
    [[nodiscard]] bool has_replied_unproved() const;
    /// Of that responder, whom it has answered.
    [[nodiscard]] std::optional<Unproved> unproved() const;
    /// The peer knows who we are, and may refuse us in place of its last message, under these keys. Nothing: it cannot
    /// yet, or no more.
    struct Refusable {
        SharedKeys keys;
        Bytes block;  ///< an Informational's IV comes from it
        config::Identity our_identity;
    };
    [[nodiscard]] std::optional<Refusable> refusable() const;

 private:
    using State =
        std::variant<main_mode::SaSent, main_mode::KeyPending, main_mode::KeSent, main_mode::AgreePending,
                     main_mode::AuthSent, main_mode::SaReplied, main_mode::ResponderKeyPending,
                     main_mode::KeReplied, aggressive_mode::KeyPending, aggressive_mode::SaSent,
                     aggressive_mode::AgreePending, aggressive_mode::ResponderKeyPending,
                     aggressive_mode::Replied, Established>;

    template <class In>
    Result<void> step(const In& input, const Context& context, Effects& effects);

    void enter(State&& next);

    config::ExchangeMode mode_ = config::ExchangeMode::main;
    // One of the two, each in memory of its own: the states on the way are larger than the one that lasts.
    std::unique_ptr<State> state_ = std::make_unique<State>();
    std::unique_ptr<Established> done_;
};

}  // namespace causeway::ike::v1
