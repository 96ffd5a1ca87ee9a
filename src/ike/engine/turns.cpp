// Whose turn it is under an ISAKMP SA. Other daemons keep little of what several exchanges at a time need:
// charon the state of three message ids, others one Quick Mode. With peers that are no causeway one thing is
// begun at a time.
#include <algorithm>
#include <utility>
#include <vector>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

/// Nothing authenticates the Vendor ID (RFC 2409 5): what hangs on it is only how much goes on side by side.
bool Engine::Impl::one_at_a_time(const IkeSa& sa) {
    const auto* done = sa.established();
    if (done == nullptr) {
        return true;
    }
    const auto& vendors = done->progress.features.vendors;
    return std::ranges::find(vendors, isakmp::Vendor::causeway) == vendors.end();
}

/// A Quick Mode, whoever began it, is at a point where the next message is to be expected any moment.
bool Engine::Impl::quick_mode_under_way(const IkeSa& sa) const {
    return std::any_of(sa.exchanges.begin(), sa.exchanges.end(), [&](const auto& exchange) {
        if (exchange->finished) {
            return false;
        }
        return exchange->retransmission ? exchange->retransmission->tries < limits::quick_mode_alone_tries
                                        : exchange->since + limits::dpd_repeat > now_;
    });
}

/// A question has left and its answer, which has a message id of its own with most peers, is to be expected
/// any moment.
bool Engine::Impl::question_under_way(const IkeSa& sa) const {
    return sa.dpd.unanswered == 1 && sa.dpd.asked + limits::question_alone > now_;
}

bool Engine::Impl::may_begin_quick(const IkeSa& sa) const {
    const auto own = static_cast<std::size_t>(
        std::count_if(sa.exchanges.begin(), sa.exchanges.end(),
                      [](const auto& exchange) { return exchange->initiator && !exchange->finished; }));
    return one_at_a_time(sa) ? own == 0 && !quick_mode_under_way(sa) && !question_under_way(sa)
                             : own < limits::own_quick_modes_per_sa;
}

/// An Informational that answers nothing: it waits until no Quick Mode is under way.
void Engine::Impl::begin_informational(IkeSa& sa, std::vector<isakmp::Payload> payloads) {
    if (!one_at_a_time(sa) || (!quick_mode_under_way(sa) && sa.deferred.empty())) {
        return send_informational(sa, payloads);
    }
    if (sa.deferred.size() >= limits::deferred_per_sa) {
        send_deferred(sa);
    }
    sa.deferred.push_back(std::move(payloads));
    sa.deferred_at = now_ + limits::deferred_pause;
}

/// One of them; between two Quick Modes there is room for one.
void Engine::Impl::send_deferred(IkeSa& sa) {
    sa.deferred_at.reset();
    if (sa.deferred.empty()) {
        return;
    }
    const auto payloads = std::move(sa.deferred.front());
    sa.deferred.erase(sa.deferred.begin());
    send_informational(sa, payloads);
    if (!sa.deferred.empty()) {
        sa.deferred_at = now_ + limits::deferred_pause;
    }
}

void Engine::Impl::send_all_deferred(IkeSa& sa) {
    while (!sa.deferred.empty()) {
        send_deferred(sa);
    }
}

void Engine::Impl::timeout_deferred(IkeSa& sa) {
    if (!sa.deferred_at || *sa.deferred_at > now_) {
        return;
    }
    if (quick_mode_under_way(sa)) {
        sa.deferred_at = now_ + limits::retransmit_first;  // its end will send one sooner
    } else {
        send_deferred(sa);
    }
}

/// Another tunnel could begin if this Quick Mode of ours, which nobody answers, did not stand in its way.
bool Engine::Impl::holds_up_others(const IkeSa& sa, const Exchange& exchange) const {
    const auto& tunnels = sa.peer->tunnels;
    return one_at_a_time(sa) && usable_sa(*sa.peer) == &sa &&
           std::any_of(tunnels.begin(), tunnels.end(), [&](const auto& tunnel) {
               return tunnel->config->display_name != exchange.tunnel && is_due(*tunnel) &&
                      !has_exchange_for(*sa.peer, *tunnel);
           });
}

}  // namespace causeway::ike
