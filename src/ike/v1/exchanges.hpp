// The Quick Modes of one session, which are under way or over and remembered: which of them a message, a question or a
// pair belongs to, and which make room for others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "ike/session.hpp"
#include "ike/v1/exchange.hpp"
#include "sa/sa.hpp"

namespace causeway::ike::v1 {

class Exchanges {
 public:
    /// It stays where it is for as long as it is one of them.
    Exchange& add(std::unique_ptr<Exchange> exchange);

    // By index: what happens meanwhile may add some.
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    [[nodiscard]] Exchange& at(std::size_t index) { return *all_[index]; }

    // ---- those that are not finished ----

    [[nodiscard]] bool negotiates(sa::ReqId reqid) const;
    [[nodiscard]] std::size_t unfinished() const;
    [[nodiscard]] std::vector<sa::ReqId> own() const;
    /// Of the peer's, for this tunnel.
    [[nodiscard]] ike::Session::Unconfirmed unconfirmed(sa::ReqId reqid) const;
    [[nodiscard]] Exchange* unconfirmed(sa::ReqId reqid, std::uint64_t begun);
    /// Whoever began it: one is at a point where the next message is to be expected any moment.
    [[nodiscard]] bool under_way(Instant now) const;
    /// That has made this pair; null: none.
    [[nodiscard]] Exchange* that_made(sa::SaId id);
    /// That waits for this Diffie-Hellman; null: none.
    [[nodiscard]] Exchange* with_dh_tag(std::uint64_t tag);
    /// Whose message of ours waits for an answer: the one with this SPI in it, and the only one, if there is one.
    struct Waiting {
        Exchange* named = nullptr;
        Exchange* only = nullptr;
    };
    [[nodiscard]] Waiting waiting(const Bytes& spi);
    /// Something may still be said against one of them, or against a message 3.
    [[nodiscard]] bool any_can_be_refused() const;

    // ---- what goes ----

    /// Of the peer's that are over the oldest ones make room: nothing has to be said about them again, and their
    /// message ids are known for longer. Ours stay, for message 3.
    void forget_answered();
    void forget_expired(Instant now);
    void drop_own();
    /// Of a tunnel that is not what it was; whoever has begun them.
    void drop_of(sa::ReqId reqid);
    /// The peer sends on what it made: it needs no more proof.
    void first_inbound(sa::SaId id, Instant now);
    /// None goes on. Pairs that they have made so far.
    [[nodiscard]] std::vector<sa::SaId> abandon();

    // ---- our own that make room for others ----

    /// One has had no answer, and makes room. Since when that goes on, as long as nothing is heard.
    [[nodiscard]] Instant make_room(const Exchange& exchange, Instant last_heard);

    void add_timers(ike::Session::Timers& timers) const;

 private:
    std::vector<std::unique_ptr<Exchange>> all_;
    OptionalInstant deaf_since_;
};

}  // namespace causeway::ike::v1
