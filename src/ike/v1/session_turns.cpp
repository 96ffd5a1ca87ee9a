// Whose turn it is under an ISAKMP SA. Other daemons keep little of what several exchanges at a time need:
// charon the state of three message ids, others one Quick Mode. With peers that are no causeway one thing is
// begun at a time.
#include <cstdint>
#include <utility>
#include <vector>

#include "ike/limits.hpp"
#include "ike/v1/session.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike::v1 {

/// Nothing authenticates the Vendor ID (RFC 2409 5): what hangs on it is only how much goes on side by side.
bool Session::one_at_a_time() const {
    return done() == nullptr || !peer_is_causeway();
}

bool Session::may_begin_child() const {
    const auto own = exchanges_.own().size();
    // The answer to a question has a message id of its own with most peers.
    return one_at_a_time() ? own == 0 && !exchanges_.under_way(now()) && !inquiry().under_way(now())
                           : own < limits::own_quick_modes_per_sa;
}

void Session::delete_child(std::uint32_t spi_in) {
    const isakmp::Delete payload{
        isakmp::doi_ipsec, isakmp::Protocol::esp, 4, {negotiation::spi_octets(spi_in)}};
    begin_informational({{isakmp::PayloadType::delete_, isakmp::encode(payload)}});
}

Deferred::Line Session::line() const {
    return exchanges_.under_way(now()) ? Deferred::Line::busy : Deferred::Line::free;
}

/// An Informational that answers nothing: with most peers it waits until no Quick Mode is under way.
void Session::begin_informational(Deferred::Payloads payloads) {
    if (!one_at_a_time()) {
        return send_informational(payloads);
    }
    if (const auto now_due = deferred_.begin(std::move(payloads), line(), now())) {
        send_informational(*now_due);
    }
}

void Session::send_deferred() {
    if (const auto next = deferred_.take_next(now())) {
        send_informational(*next);
    }
}

void Session::timeout_deferred() {
    if (const auto next = deferred_.handle_timeout(line(), now())) {
        send_informational(*next);
    }
}

void Session::say_goodbye() {
    while (const auto next = deferred_.take_next(now())) {
        send_informational(*next);
    }
    const isakmp::Delete payload{isakmp::doi_ipsec, isakmp::Protocol::isakmp, 16, {spis()}};
    send_informational({{isakmp::PayloadType::delete_, isakmp::encode(payload)}});
}

}  // namespace causeway::ike::v1
