// RFC 3706: questions and answers about life, and where the peer is by what comes from it.
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/ports.hpp"
#include "ike/limits.hpp"
#include "ike/v1/session.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike::v1 {

void Session::watch(Instant next) {
    r_u_there_.sequence = owner_.random().u32() & 0x7fffffff;  // RFC 3706 5.3
    ike::Session::watch(next);
}

void Session::ask_alive(Where where) {
    if (where == Where::here) {
        r_u_there_.elsewhere.reset();  // nothing that proves anything has come from there since
    }
    if (one_at_a_time() && quick_mode_under_way()) {
        // Its answer is a sign of life as well.
        inquiry().look_at(now() + limits::retransmit_first);
        return;
    }
    // RFC 3706 5.3: a repetition keeps the number, a new question takes the next one.
    if (inquiry().unanswered() == 0) {
        if (!std::exchange(r_u_there_.number_open, false)) {
            ++r_u_there_.sequence;
        }
        if (path_) {
            path_->asked = false;  // its answer would say nothing of the path
        }
        r_u_there_.awaited = true;
    }
    const auto ask = [&](const std::optional<Place>& place) {
        send_notification(isakmp::NotifyType::r_u_there, isakmp::Protocol::isakmp, spis(),
                          negotiation::spi_octets(r_u_there_.sequence), place);
    };
    ask(std::nullopt);
    if (r_u_there_.elsewhere) {
        ask(r_u_there_.elsewhere);
    }
    inquiry().ask(now());
}

// RFC 3706 5.3: the answer repeats the sequence number, whatever it is.
void Session::answer_r_u_there(const isakmp::Notification& question, Bytes digest) {
    if (question.data.size() == 4) {
        const std::uint32_t number = negotiation::spi_number(question.data);
        auto& highest = r_u_there_.asked_by_peer;
        if (!highest || static_cast<std::int32_t>(number - *highest) > 0) {
            highest = number;
        }
    }
    const isakmp::Notification answer{isakmp::doi_ipsec, isakmp::Protocol::isakmp, spis(),
                                      isakmp::NotifyType::r_u_there_ack, question.data};
    const std::vector<isakmp::Payload> payloads{{isakmp::PayloadType::notification, isakmp::encode(answer)}};
    if (auto datagram = make_informational(*done()->keys, done()->last_block, spi_i(), spi_r(),
                                           message_ids_.next(), payloads)) {
        r_u_there_.answered = Answered{std::move(digest), *datagram};
        transmit(std::move(*datagram));
    }
}

void Session::r_u_there_answered(const isakmp::Notification& answer) {
    if (answer.data != negotiation::spi_octets(r_u_there_.sequence)) {
        return;
    }
    inquiry().answered();
    r_u_there_.awaited = false;
    r_u_there_.number_open = false;
    r_u_there_.elsewhere.reset();
    if (path_) {
        path_answered();
    }
    tell(session::QuestionAnswered{});
}

// The sequence numbers show what is old, and what is new (RFC 3706 5.4): a number greater than all before, and
// the answer to a question that has none. They may begin anywhere and pass 2^32 (RFC 1982).
Session::Newness Session::newness(const std::vector<isakmp::Payload>& payloads) const {
    for (const auto& payload : payloads) {
        const auto notified = payload.type == isakmp::PayloadType::notification
                                  ? isakmp::decode_notification(payload.body)
                                  : Result<isakmp::Notification>(fail(Errc::malformed, "no notification"));
        if (!notified || notified->data.size() != 4) {
            continue;
        }
        const std::uint32_t number = negotiation::spi_number(notified->data);
        if (notified->type == isakmp::NotifyType::r_u_there) {
            const auto ahead =
                static_cast<std::int32_t>(number - r_u_there_.asked_by_peer.value_or(number - 1));
            return ahead > 0 ? Newness::proved : ahead < 0 ? Newness::old : Newness::unknown;
        }
        if (notified->type == isakmp::NotifyType::r_u_there_ack) {
            return number != r_u_there_.sequence ? Newness::old
                   : r_u_there_.awaited          ? Newness::proved
                                                 : Newness::unknown;
        }
    }
    return Newness::unknown;
}

/// Where a message of the peer's came from, when that is not where it is known to be. From 4500 back to 500
/// nobody moves: a peer that answers from 500 is still reached on 4500.
std::optional<Place> Session::elsewhere(const Datagram& datagram) const {
    const Place there{datagram.local, datagram.remote};
    const bool may_move = there.local.port == local().port || local().port == ike_port;
    return may_move && there != place() && !owner_.has_just_left(there.remote) ? std::optional(there)
                                                                               : std::nullopt;
}

/// RFC 3947 4: follow the peer on authenticated messages. Only on one that proves to have been made just now:
/// where an older one comes from is not where the peer is.
void Session::follow(const Datagram& datagram) {
    if (const auto there = elsewhere(datagram)) {
        tell(session::Moved{*there});
    }
    r_u_there_.elsewhere.reset();
}

/// A message that proves nothing came from elsewhere: the peer may be there, its NAT may have a new mapping.
/// So it is asked there, and where it was: what answers is where it is.
void Session::ask_there(const Datagram& datagram) {
    const auto there = elsewhere(datagram);
    auto& asked = r_u_there_.asked_elsewhere;
    if (!there || !inquiry().possible() || (asked && *asked + limits::ask_elsewhere > now())) {
        return;
    }
    asked = now();
    r_u_there_.elsewhere = there;
    ike::Session::ask_alive();
}

}  // namespace causeway::ike::v1
