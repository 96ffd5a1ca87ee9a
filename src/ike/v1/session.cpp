// An ISAKMP SA: which message is for it and for what in it, and what is due.
#include "ike/v1/session.hpp"

#include <algorithm>
#include <type_traits>

#include "base/findings.hpp"
#include "ike/limits.hpp"

namespace causeway::ike::v1 {

Session::Session(SessionOwner& owner, Role role, const Place& place)
    : ike::Session(role, place, owner.model()),
      owner_(owner),
      since_(owner.now()),
      message_ids_(owner.random()) {}

// A gateway may talk to itself: both roles then have the same cookies and addresses. A datagram that an SA sent itself
// is never for that SA.
Session::Claim Session::claim(const Datagram& datagram, const isakmp::Header& header) const {
    const ByteView octets = ByteView(datagram.payload).first(header.length);
    if (sent_.contains(message_ids_, header.message_id, octets)) {
        return Claim::ours;
    }
    const bool first = header.cky_r == isakmp::Cookie{};
    const bool unanswered = initiator() && spi_r() == isakmp::Cookie{};
    // Message 1 repeated reaches the responder that answered it; an answer reaches the initiator that has no CKY-R yet.
    // A refusal may come without CKY-R: the peer keeps no state for it.
    const bool refusal = unanswered && header.exchange == isakmp::ExchangeType::informational;
    const bool fits = first ? (!initiator() || refusal) && remote().address == datagram.remote.address
                            : spi_r() == header.cky_r || unanswered;
    return fits ? Claim::addressed : Claim::none;
}

void Session::handle(const Datagram& datagram) {
    const auto message = read_message(datagram.payload);
    if (!message) {
        return tell(session::Malformed{datagram.remote, message.error()});
    }
    switch (message->header.exchange) {
        case isakmp::ExchangeType::informational:
            return message->header.encrypted() ? informational(datagram, *message)
                                               : clear_informational(datagram, *message);
        case isakmp::ExchangeType::main:
        case isakmp::ExchangeType::aggressive:
            return message->header.message_id != 0
                       ? ignore(datagram.remote, "a Phase 1 message with a message id")
                       : phase1_message(datagram, *message);
        case isakmp::ExchangeType::quick:
            return quick_message(datagram, *message);
        default:
            return ignore(datagram.remote, name_of(message->header.exchange) + " is not supported");
    }
}

void Session::dh_done(std::uint64_t tag, DhDone&& done) {
    const DhResult result{std::move(done.key), std::make_shared<const Secret>(std::move(done.shared))};
    const DhResult* dh = result.key ? &result : nullptr;
    return tag == dh_tag_of_phase1 ? phase1_dh_done(dh, done.error) : quick_dh_done(tag, dh, done.error);
}

void Session::repeat_now() {
    if (retransmission_ && awaits_peer(phase1_.rule())) {
        retransmission_->repeat_now(now());
    }
}

// ---- deadlines ----------------------------------------------------------------------------------------------------

void Session::add_timers(Timers& timers) const {
    const auto maybe = [&](const std::optional<Instant>& at) {
        if (at) {
            timers.add(*at);
        }
    };
    if (retransmission_ && awaits_peer(phase1_.rule())) {
        timers.add(retransmission_->next());
    }
    maybe(deferred_.next_timeout());
    if (path_) {
        timers.add(path_->next_timeout());
    }
    exchanges_.add_timers(timers);
}

void Session::handle_timeout() {
    if (!established()) {
        return timeout_half_open();
    }
    timeout_path();
    timeout_deferred();
    // By index: what happens here may add exchanges. Our own are removed only where the session ends as well, for it
    // cannot be asked (drop_own_negotiations).
    for (std::size_t i = 0; i < exchanges_.size(); ++i) {
        timeout_exchange(exchanges_.at(i));
    }
    exchanges_.forget_expired(now());
}

void Session::timeout_half_open() {
    if (!retransmission_ || !awaits_peer(phase1_.rule()) || !retransmission_->due(now())) {
        return;
    }
    if (refused_unreadably_ && retransmission_->tries() > 1) {
        keys_differ();
    }
    if (hint()) {
        // Somebody told us why; it may be forged, so the exchange goes on, but who waits for a word may have it.
        tell(session::StillRefused{*hint()});
    }
    if (repeat_after_change()) {
        return;
    }
    if (offer_refused() && owner_.another_group_left()) {
        return failed(hint() ? *hint() : unanswered());
    }
    auto again = retransmission_->again(now());
    if (!again) {
        return tell(session::GaveUp{hint() ? *hint() : unanswered(), hint().has_value(),
                                    std::string(phase1_.rule()->name), retransmission_->tries()});
    }
    transmit(std::move(*again));
    if (!hint() && retransmission_->tries() == limits::told_of_silence_after) {
        tell(session::FellSilent{unanswered()});
    }
}

/// A message 1 that nobody answered, or that was refused, soon after our own end has changed. True: nothing is left
/// to do.
bool Session::repeat_after_change() {
    if (!initiator() || was_answered() || !owner_.our_end_has_just_changed()) {
        return false;
    }
    if (retransmission_->tries() == limits::retransmit_tries) {
        tell(session::CallsInVain{hint() ? *hint() : unanswered()});
    }
    if (hint()) {
        // A peer may take a repetition of what it has refused for a repetition.
        tell(session::CallAnew{});
        return true;
    }
    repeat(place(), retransmission_->again_every(limits::own_change_retry, now()));
    return true;
}

void Session::timeout_exchange(Exchange& exchange) {
    if (exchange.finished()) {
        return;
    }
    if (exchange.leaves_doubt(now())) {
        tell(session::ChildUnanswered{exchange.reqid(), exchange.since()});
        if (owner_.over() || exchange.finished()) {
            return;
        }
    }
    const auto no_answer = [&] {
        return exchange.ours()
                   ? finding<FindingId::quick_mode_unanswered>(
                         field<"remote">(remote().text()),
                         field<"candidates">("phase2-networks-differ no-common-suite pfs-one-side"))
                   : finding<FindingId::quick_mode_unconfirmed>();
    };
    if (exchange.may_make_room(now()) && one_at_a_time() && owner_.another_child_waits(exchange.reqid())) {
        // Whether it is this tunnel that the peer does not answer, or the peer, is asked; where nothing can be asked it
        // shows by the others.
        const Instant deaf_since = exchanges_.make_room(exchange, inquiry().last_heard());
        quick_failed(exchange, no_answer(), session::Refused::no);
        return deaf_since + limits::deaf_at_last <= now() ? tell(session::Unheeded{deaf_since}) : void();
    }
    if (exchange.repetition_due(now())) {
        auto again = exchange.repeat(now());
        if (!again) {
            quick_failed(exchange, no_answer(), session::Refused::no);
            return exchange.ours() ? tell(session::Unheeded{exchange.since()}) : void();
        }
        transmit(std::move(*again), exchange.place());
        if (exchange.ours() && exchange.tries() == limits::told_of_silence_after) {
            tell(session::ChildSilent{exchange.reqid(), exchange.since(), no_answer()});
        }
    }
    if (owner_.over() || exchange.finished()) {
        return;
    }
    if (exchange.expired(now())) {
        quick_failed(exchange, finding<FindingId::quick_mode_unfinished>(), session::Refused::no);
    }
}

/// Message 5 is the first that a key encrypts, and with a NAT between the first that goes to port 4500.
Finding Session::unanswered() const {
    if (initiator() && phase1_.has_authenticated()) {
        const auto& key = owner_.peer()->pre_shared_key_place;
        const auto who = field<"remote">(remote().address.text());
        return progress().nat.any()
                   ? finding<FindingId::answers_500_only>(
                         key, who, field<"candidates">("answers-stop-at-4500 psk-differs"))
                   : finding<FindingId::message_5_unanswered>(key, who, field<"place">(key.text()),
                                                              field<"candidates">("psk-differs id-differs"));
    }
    return finding<FindingId::phase1_unanswered>(
        field<"remote">(remote().text()), field<"tries">(std::to_string(retransmission_->tries())),
        field<"state">(std::string(phase1_.rule()->name)),
        field<"candidates">("no-answer mode-mismatch own-name-elsewhere"));
}

}  // namespace causeway::ike::v1
