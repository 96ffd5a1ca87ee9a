// Whose turn it is under an ISAKMP SA. Other daemons keep little of what several exchanges at a time need:
// charon the state of three message ids, others one Quick Mode. With peers that are no causeway one thing is
// begun at a time.
#include <algorithm>
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

/// A Quick Mode, whoever began it, is at a point where the next message is to be expected any moment.
bool Session::quick_mode_under_way() const {
    return std::ranges::any_of(exchanges_, [&](const auto& exchange) {
        if (exchange->finished) {
            return false;
        }
        return exchange->retransmission ? exchange->retransmission->tries() < limits::quick_mode_alone_tries
                                        : exchange->since + limits::dpd_repeat > now();
    });
}

bool Session::may_begin_child() const {
    const auto own = static_cast<std::size_t>(std::ranges::count_if(
        exchanges_, [](const auto& exchange) { return exchange->ours() && !exchange->finished; }));
    // The answer to a question has a message id of its own with most peers.
    return one_at_a_time() ? own == 0 && !quick_mode_under_way() && !inquiry().under_way(now())
                           : own < limits::own_quick_modes_per_sa;
}

void Session::delete_child(std::uint32_t spi_in) {
    const isakmp::Delete payload{
        isakmp::doi_ipsec, isakmp::Protocol::esp, 4, {negotiation::spi_octets(spi_in)}};
    begin_informational({{isakmp::PayloadType::delete_, isakmp::encode(payload)}});
}

/// An Informational that answers nothing: it waits until no Quick Mode is under way.
void Session::begin_informational(std::vector<isakmp::Payload> payloads) {
    if (!one_at_a_time() || (!quick_mode_under_way() && deferred_.empty())) {
        return send_informational(payloads);
    }
    if (deferred_.size() >= limits::deferred_per_sa) {
        send_deferred();
    }
    deferred_.push_back(std::move(payloads));
    deferred_at_ = now() + limits::deferred_pause;
}

/// One of them; between two Quick Modes there is room for one.
void Session::send_deferred() {
    deferred_at_.reset();
    if (deferred_.empty()) {
        return;
    }
    const auto payloads = std::move(deferred_.front());
    deferred_.erase(deferred_.begin());
    send_informational(payloads);
    if (!deferred_.empty()) {
        deferred_at_ = now() + limits::deferred_pause;
    }
}

void Session::send_all_deferred() {
    while (!deferred_.empty()) {
        send_deferred();
    }
}

void Session::timeout_deferred() {
    if (!deferred_at_ || *deferred_at_ > now()) {
        return;
    }
    if (quick_mode_under_way()) {
        deferred_at_ = now() + limits::retransmit_first;  // its end will send one sooner
    } else {
        send_deferred();
    }
}

void Session::say_goodbye() {
    send_all_deferred();
    const isakmp::Delete payload{isakmp::doi_ipsec, isakmp::Protocol::isakmp, 16, {spis()}};
    send_informational({{isakmp::PayloadType::delete_, isakmp::encode(payload)}});
}

}  // namespace causeway::ike::v1
