// A session of the toy protocol (toy_protocol.hpp): what is under way, what is answered from memory, which children are
// being negotiated. Not to be used for anything but tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ike/session.hpp"
#include "scenarios/toy_protocol.hpp"

namespace causeway::toy {

/// A peer that has asked for a child and does not ask again has our answer after this: longer than its first pause.
inline constexpr Duration confirm_after = std::chrono::seconds(2);

class Session final : public ike::Session {
 public:
    Session(ike::SessionOwner& owner, ike::Role role, const ike::Place& place);

    void call(crypto::GroupId group) override;
    [[nodiscard]] bool answer(const ike::Datagram& datagram,
                              const negotiation::Candidates& candidates) override;
    void proceed() override;
    [[nodiscard]] Claim claim(const ike::Datagram& datagram, const isakmp::Header& header) const override;
    void handle(const ike::Datagram& datagram) override;
    void dh_done(std::uint64_t tag, ike::DhDone&& done) override;
    void handle_timeout() override;
    void add_timers(Timers& timers) const override;
    void repeat_now() override;

    using ike::Session::ask_alive;
    void ask_alive(Where where) override;
    void probe_path(sa::SaId id, std::size_t device_mtu) override;
    void delete_child(std::uint32_t spi_in) override;
    void say_goodbye() override;
    [[nodiscard]] ike::NatFacts nat() const override;
    void assume_nat(const ike::NatFacts& nat) override;
    [[nodiscard]] bool peer_is_causeway() const override { return true; }
    [[nodiscard]] bool one_at_a_time() const override { return false; }

    [[nodiscard]] bool may_begin_child() const override;
    void begin_child(const ike::ChildOffer& offer) override;
    [[nodiscard]] bool negotiates(sa::ReqId reqid) const override;
    [[nodiscard]] std::size_t negotiations() const override { return children_.size(); }
    [[nodiscard]] std::vector<sa::ReqId> own_negotiations() const override;
    void drop_own_negotiations() override;
    void drop_negotiations_of(sa::ReqId reqid) override;
    [[nodiscard]] Unconfirmed unconfirmed(sa::ReqId reqid) const override;
    void end_unconfirmed(sa::ReqId reqid, std::uint64_t begun) override;
    bool end_negotiation_of(sa::SaId id) override;
    void first_inbound(sa::SaId id) override;
    [[nodiscard]] std::vector<sa::SaId> end_negotiations() override;

    [[nodiscard]] config::ExchangeMode mode() const override { return config::ExchangeMode::main; }
    [[nodiscard]] std::string remote_id() const override { return remote_id_; }
    void describe(status::IsakmpSa& status) const override;

 private:
    /// One of ours: the first of them is under way.
    struct Request {
        Kind kind{};
        Words words;
        std::uint64_t begun = 0;  ///< of the child that it is about; 0: none
        std::uint32_t id = 0;
        unsigned tries = 0;  ///< 0: it has not left yet
        Duration interval{};
        Instant next{};
    };
    /// A child that is being negotiated. One of the peer's is finished when the peer has our answer.
    struct Child {
        ike::Role role{};
        sa::ReqId reqid = 0;
        std::uint64_t begun = 0;  ///< in steps of the engine: names it
        Instant since{};
        std::uint32_t spi_in = 0;
        std::string nonce;
        std::shared_ptr<const config::Model> model;  ///< keeps the tunnel
        const config::Tunnel* tunnel = nullptr;
        std::optional<sa::SaId> made;
        Instant confirm_at{};  ///< of the peer's: it has our answer by then, for it does not ask again
    };

    template <class Event>
    void tell(Event&& event) {
        owner_.perform(ike::SessionEvent(std::forward<Event>(event)));
    }
    [[nodiscard]] Instant now() const { return owner_.now(); }
    void ignore(const std::string& why);

    // What is on the wire.
    void transmit(Kind kind, bool answer, std::uint32_t id, const Words& words);
    void reply(const Message& request, Kind kind, const Words& words);
    void ask(Kind kind, Words words, std::uint64_t begun = 0);
    void send(Request& request);
    void next_request();
    void timeout_request();
    void gave_up(const Request& lost);

    void on_notice(const Message& message);
    void on_answer(const Message& message);
    void welcomed(const Message& message);
    void proved(const Message& message);
    void child_answered(const Message& message, std::uint64_t begun);
    void on_request(const Message& message);
    void prove(const Message& message);
    void child_asked(const Message& message);
    void bye();
    void stand(const config::Peer& peer, const Message& message);

    [[nodiscard]] Child* child_of(std::uint64_t begun);
    [[nodiscard]] std::optional<Child> take(std::uint64_t begun);
    std::optional<sa::SaId> install(const Child& child, const Message& message,
                                    const config::Phase2Proposal& chosen);
    void child_failed(std::uint64_t begun, const Finding& why, ike::session::Refused refused);
    void confirm(std::uint64_t begun);

    ike::SessionOwner& owner_;
    negotiation::Candidates candidates_;  ///< of a responder, until the peer is known
    std::optional<Message> first_;        ///< from answer() to proceed()
    std::string remote_id_;
    ike::NatFacts nat_{.told = true};
    std::deque<Request> requests_;
    std::uint32_t next_id_ = 0;   ///< of ours
    std::uint32_t expected_ = 0;  ///< the peer's next one has this or more
    Bytes last_answer_;           ///< to the one before
    std::vector<Child> children_;
};

}  // namespace causeway::toy
