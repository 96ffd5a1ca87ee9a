// What the engine asks of the Quick Modes that are under way.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/findings.hpp"
#include "ike/limits.hpp"
#include "ike/v1/session.hpp"

namespace causeway::ike::v1 {

bool Session::negotiates(sa::ReqId reqid) const {
    return std::ranges::any_of(
        exchanges_, [&](const auto& exchange) { return !exchange->finished && exchange->reqid == reqid; });
}

std::size_t Session::negotiations() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(exchanges_, [](const auto& exchange) { return !exchange->finished; }));
}

std::vector<sa::ReqId> Session::own_negotiations() const {
    std::vector<sa::ReqId> own;
    for (const auto& exchange : exchanges_) {
        if (exchange->ours() && !exchange->finished) {
            own.push_back(exchange->reqid);
        }
    }
    return own;
}

void Session::drop_own_negotiations() {
    std::erase_if(exchanges_, [](const auto& exchange) { return exchange->ours() && !exchange->finished; });
}

ike::Session::Unconfirmed Session::unconfirmed(sa::ReqId reqid) const {
    Unconfirmed found;
    for (const auto& exchange : exchanges_) {
        if (!exchange->ours() && !exchange->finished && exchange->reqid == reqid) {
            found.oldest = found.count == 0 ? exchange->begun : std::min(found.oldest, exchange->begun);
            ++found.count;
        }
    }
    return found;
}

void Session::end_unconfirmed(sa::ReqId reqid, std::uint64_t begun) {
    for (auto& exchange : exchanges_) {
        if (!exchange->ours() && !exchange->finished && exchange->reqid == reqid &&
            exchange->begun == begun) {
            return quick_failed(*exchange, finding<FindingId::quick_mode_unconfirmed>(),
                                session::Refused::no);
        }
    }
}

bool Session::end_negotiation_of(sa::SaId id) {
    for (auto& exchange : exchanges_) {
        if (exchange->made == id && !exchange->finished) {
            quick_failed(*exchange, finding<FindingId::quick_mode_unconfirmed>(), session::Refused::no);
            return true;
        }
    }
    return false;
}

void Session::first_inbound(sa::SaId id) {
    for (auto& exchange : exchanges_) {
        if (exchange->made == id && !exchange->finished) {
            exchange->finished = true;
            exchange->retransmission.reset();
            exchange->expires = now() + limits::finished_exchange_time;
        }
    }
}

std::vector<sa::SaId> Session::end_negotiations() {
    std::vector<sa::SaId> made;
    for (auto& exchange : exchanges_) {
        if (!exchange->finished && exchange->made) {
            exchange->finished = true;
            made.push_back(*exchange->made);
        }
    }
    return made;
}

}  // namespace causeway::ike::v1
