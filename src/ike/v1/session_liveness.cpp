// RFC 3706: questions and answers about life, and where the peer is by what comes from it.
#include <optional>
#include <utility>
#include <vector>

#include "base/ports.hpp"
#include "ike/limits.hpp"
#include "ike/v1/session.hpp"

namespace causeway::ike::v1 {

void Session::watch(Instant next) {
    dpd_.begin(owner_.random().u32());
    ike::Session::watch(next);
}

void Session::ask_alive(Where where) {
    if (where == Where::here) {
        dpd_.ask_here_only();  // nothing that proves anything has come from there since
    }
    if (one_at_a_time() && exchanges_.under_way(now())) {
        // Its answer is a sign of life as well.
        inquiry().look_at(now() + limits::retransmit_first);
        return;
    }
    // RFC 3706 5.3: a repetition keeps the number, a new question takes the next one.
    if (inquiry().unanswered() == 0) {
        dpd_.ask(now());
        if (path_) {
            path_->overtaken();
        }
    } else {
        dpd_.ask_again();
    }
    const auto ask = [&](const std::optional<Place>& place) {
        send_notification(isakmp::NotifyType::r_u_there, isakmp::Protocol::isakmp, spis(), dpd_.number(),
                          place);
    };
    ask(std::nullopt);
    if (dpd_.also_asked_at()) {
        ask(dpd_.also_asked_at());
    }
    inquiry().ask(now());
}

void Session::answer_r_u_there(const isakmp::Notification& question, Bytes digest) {
    dpd_.asked_by_peer(question.data);
    const isakmp::Notification answer{isakmp::doi_ipsec, isakmp::Protocol::isakmp, spis(),
                                      isakmp::NotifyType::r_u_there_ack, question.data};
    const std::vector<isakmp::Payload> payloads{{isakmp::PayloadType::notification, isakmp::encode(answer)}};
    if (auto datagram = make_informational(*done()->keys, done()->last_block, spi_i(), spi_r(),
                                           message_ids_.next(), payloads)) {
        dpd_.answered(std::move(digest), *datagram);
        transmit(std::move(*datagram));
    }
}

void Session::r_u_there_answered(const isakmp::Notification& answer) {
    if (!dpd_.take_answer(answer.data)) {
        return;
    }
    inquiry().answered();
    path_answered();
    tell(session::QuestionAnswered{dpd_.round_trip(now())});
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
    dpd_.ask_here_only();
}

/// A message that proves nothing came from elsewhere: the peer may be there, its NAT may have a new mapping.
/// So it is asked there, and where it was: what answers is where it is.
void Session::ask_there(const Datagram& datagram) {
    const auto there = elsewhere(datagram);
    if (there && inquiry().possible() && dpd_.ask_also(*there, now())) {
        ike::Session::ask_alive();
    }
}

}  // namespace causeway::ike::v1
