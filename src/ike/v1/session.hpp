// One conversation in IKEv1: an ISAKMP SA with its Phase 1 (phase1_exchange.hpp), its Quick
// Modes (exchanges.hpp) and its Informationals. What has state and rules of its own is a part: what is sent again
// (retransmission.hpp), answered again (phase1_requests.hpp), asked (dpd.hpp, path_probe.hpp), deferred (deferred.hpp)
// and remembered (remembered.hpp). Here is what these leave to be done: which message belongs to which of them, what
// goes out, and what the owner is told.
//
// Functions are in files by what they are about, and call functions of files further down only: session.cpp (the way in,
// deadlines), session_informational.cpp, session_children.cpp (what the engine asks of Quick Modes),
// session_refusals.cpp (the peer says no), session_quick.cpp, session_phase1.cpp, session_liveness.cpp,
// session_path.cpp, session_turns.cpp (one thing after the other), session_wire.cpp (what leaves), session_facts.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/occasional.hpp"
#include "ike/session.hpp"
#include "ike/v1/deferred.hpp"
#include "ike/v1/dpd.hpp"
#include "ike/v1/exchange.hpp"
#include "ike/v1/exchanges.hpp"
#include "ike/v1/path_probe.hpp"
#include "ike/v1/phase1_exchange.hpp"
#include "ike/v1/phase1_requests.hpp"
#include "ike/v1/quick_mode.hpp"
#include "ike/v1/remembered.hpp"
#include "ike/v1/retransmission.hpp"

namespace causeway::ike::v1 {

class Session final : public ike::Session {
 public:
    Session(SessionOwner& owner, Role role, const Place& place);

    void call(crypto::GroupId group) override;
    [[nodiscard]] bool answer(const Datagram& datagram, const negotiation::Candidates& candidates) override;
    void proceed() override;
    [[nodiscard]] Claim claim(const Datagram& datagram, const isakmp::Header& header) const override;
    void handle(const Datagram& datagram) override;
    void dh_done(std::uint64_t tag, DhDone&& done) override;
    void handle_timeout() override;
    void add_timers(Timers& timers) const override;
    void repeat_now() override;

    void watch(Instant next) override;
    using ike::Session::ask_alive;
    void ask_alive(Where where) override;
    void probe_path(sa::SaId id, std::size_t device_mtu) override;
    void delete_child(std::uint32_t spi_in) override;
    void say_goodbye() override;
    [[nodiscard]] NatFacts nat() const override;
    void assume_nat(const NatFacts& nat) override;
    [[nodiscard]] bool peer_is_causeway() const override;
    [[nodiscard]] bool one_at_a_time() const override;

    [[nodiscard]] bool may_begin_child() const override;
    void begin_child(const ChildOffer& offer) override;
    [[nodiscard]] bool negotiates(sa::ReqId reqid) const override;
    [[nodiscard]] std::size_t negotiations() const override;
    [[nodiscard]] std::vector<sa::ReqId> own_negotiations() const override;
    void drop_own_negotiations() override;
    void drop_negotiations_of(sa::ReqId reqid) override;
    [[nodiscard]] Unconfirmed unconfirmed(sa::ReqId reqid) const override;
    void end_unconfirmed(sa::ReqId reqid, std::uint64_t begun) override;
    bool end_negotiation_of(sa::SaId id) override;
    void first_inbound(sa::SaId id) override;
    [[nodiscard]] std::vector<sa::SaId> end_negotiations() override;

    [[nodiscard]] config::ExchangeMode mode() const override;
    [[nodiscard]] std::optional<Unproved> unproved() const override;
    [[nodiscard]] std::string remote_id() const override;
    void describe(status::IsakmpSa& status) const override;

 private:
    /// Those of Quick Modes are none (Exchange::dh_tag()).
    static constexpr std::uint64_t dh_tag_of_phase1 = 0;
    using Fields = std::vector<std::pair<std::string, std::string>>;

    struct FirstAnswer {
        Effects effects;
        Bytes request_digest;
    };
    /// About one of these Quick Modes, whose message 2 or 3 has left. `certain`: it cannot be about another one.
    struct Confirmed {
        std::vector<Exchange*> exchanges;
        bool certain = false;
    };

    // session.cpp
    template <class Event>
    void tell(Event&& event) {
        owner_.perform(SessionEvent(std::forward<Event>(event)));
    }
    void timeout_half_open();
    bool repeat_after_change();
    void timeout_exchange(Exchange& exchange);
    [[nodiscard]] Finding unanswered() const;

    // session_facts.cpp
    [[nodiscard]] Instant now() const { return owner_.now(); }
    [[nodiscard]] std::string peer_name() const;
    [[nodiscard]] const Established* done() const { return phase1_.done(); }
    [[nodiscard]] const Phase1Facts& progress() const { return phase1_.progress(); }
    void failed(const Finding& why) { tell(session::Failed{why}); }
    void ignore(const Endpoint& remote, std::string why);
    void report(EventCode code, std::string subject, Fields fields);
    void tell_all(const Effects& effects);

    // session_wire.cpp
    /// To where the peer is, or to `place`.
    void transmit(Bytes datagram, const std::optional<Place>& place = std::nullopt,
                  bool dont_fragment = false);
    void repeat(const Place& place, Bytes datagram);
    void saw(std::uint32_t message_id);
    void start_dh(std::uint64_t tag, DhWish wish);
    void send_informational(const std::vector<isakmp::Payload>& payloads,
                            const std::optional<Place>& place = std::nullopt);
    void send_notification(isakmp::NotifyType type, isakmp::Protocol protocol, Bytes spi, Bytes data,
                           const std::optional<Place>& place = std::nullopt);
    void complain(const Place& place, const isakmp::Header& about, const Effects& effects);

    // session_phase1.cpp
    [[nodiscard]] Context context() const;
    [[nodiscard]] Result<void> respond(const negotiation::Candidates& candidates, const Message& message,
                                       const Context& context, Effects& effects);
    void phase1_message(const Datagram& datagram, const Message& message);
    bool repeat_answer(const Datagram& datagram, const Bytes& digest);
    void phase1_dh_done(const DhResult* dh, const std::string& error);
    bool go_back();
    template <class In>
    Result<void> advance_phase1(const In& input, const Context& context, Effects& effects);
    void after_phase1_step(Effects& effects, const Bytes& request_digest);
    void phase1_step_failed(const Place& place, Effects& effects, const Error& error);
    void caller_refused(const Endpoint& remote, const Effects& effects);
    void on_established();

    // session_refusals.cpp
    /// True: the exchange waited for the end of Phase 1, and nothing else is to be done with the message.
    bool refused_in_phase1(const Datagram& datagram, const Message& message);
    void keys_differ();
    void proof_disliked(const Endpoint& from, const std::string& what);
    [[nodiscard]] std::optional<isakmp::NotifyType> identity_refused(
        const std::vector<isakmp::Payload>& payloads) const;
    void phase1_refused(isakmp::NotifyType type, const config::Identity& our_identity);
    [[nodiscard]] Exchange* refused_exchange(const isakmp::Notification& notified);
    void error_notified(const isakmp::Notification& notified);
    [[nodiscard]] Confirmed confirmed_exchanges(const isakmp::Notification& notified);
    void confirmation_refused(const Confirmed& confirmed, isakmp::NotifyType type);

    // session_quick.cpp
    [[nodiscard]] quick_mode::QuickContext quick_context() const;
    void quick_message(const Datagram& datagram, const Message& message);
    bool continue_quick(const Datagram& datagram, const Message& message);
    void repeat_quick_answer(Exchange& exchange, Bytes reply, const Datagram& datagram);
    void first_quick_message(const Datagram& datagram, const Message& message);
    void quick_dh_done(std::uint64_t tag, const DhResult* dh, const std::string& error);
    void after_quick_step(Exchange& exchange, Result<quick_mode::State> next, Effects& effects,
                          const Bytes& request_digest);
    void quick_completed(Exchange& exchange, const quick_mode::Completed& completed, const Bytes& reply,
                         const Bytes& request_digest);
    void quick_failed(Exchange& exchange, const Finding& why, session::Refused refused);
    void trial_accepted(sa::ReqId reqid, std::uint32_t own_spi);

    // session_informational.cpp
    void informational(const Datagram& datagram, const Message& message);
    void informational_under(const Datagram& datagram, const Message& message,
                             const std::vector<isakmp::Payload>& payloads);
    void clear_informational(const Datagram& datagram, const Message& message);
    [[nodiscard]] Finding said_in_clear(isakmp::NotifyType type) const;
    void notification(const isakmp::Notification& notified);
    void deletion(const isakmp::Delete& payload);

    // session_liveness.cpp
    void answer_r_u_there(const isakmp::Notification& question, Bytes digest);
    void r_u_there_answered(const isakmp::Notification& answer);
    [[nodiscard]] std::optional<Place> elsewhere(const Datagram& datagram) const;
    void follow(const Datagram& datagram);
    void ask_there(const Datagram& datagram);

    // session_path.cpp
    [[nodiscard]] PathProbe::Circumstances path_circumstances() const;
    void timeout_path();
    void path_answered();
    void go_on_with_path(const path_probe::Next& next);
    void path_found(std::optional<std::size_t> octets);
    void perform(const path_probe::Ask& ask);
    void perform(const path_probe::Wait&) {}
    void perform(const path_probe::GivenUp& given_up);
    void perform(const path_probe::Carries& carries);
    void perform(const path_probe::TakesNoPadding& takes_none);

    // session_turns.cpp
    [[nodiscard]] Deferred::Line line() const;
    void begin_informational(Deferred::Payloads payloads);
    void send_deferred();
    void timeout_deferred();

    SessionOwner& owner_;
    const Instant since_;
    Phase1Exchange phase1_;
    Occasional<Retransmission> retransmission_;
    Phase1Requests requests_;
    std::unique_ptr<FirstAnswer> first_answer_;  ///< from answer() to proceed()
    bool refused_unreadably_ = false;  ///< in place of message 6 something came that our key does not open
    Dpd dpd_;  ///< only with a peer that announced it; what is asked and answered is the Inquiry's
    std::unique_ptr<PathProbe> path_;  ///< while it goes on
    bool takes_no_padding_ = false;    ///< the peer does not answer padded questions
    Exchanges exchanges_;
    Deferred deferred_;
    MessageIds message_ids_;  ///< of our exchanges
    SentMessages sent_;       ///< what comes back to us is not for us
    SeenMessageIds seen_;     ///< of the peer's exchanges: none begins twice
};

/// Why a step failed: what the arrow says of it, or the words of its error.
Finding finding_of(const Effects& effects, const Error& error);

}  // namespace causeway::ike::v1
