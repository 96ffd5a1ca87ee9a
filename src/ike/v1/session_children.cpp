// What the engine asks of the Quick Modes that are under way.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/findings.hpp"
#include "ike/v1/session.hpp"

namespace causeway::ike::v1 {

bool Session::negotiates(sa::ReqId reqid) const {
    return exchanges_.negotiates(reqid);
}

std::size_t Session::negotiations() const {
    return exchanges_.unfinished();
}

std::vector<sa::ReqId> Session::own_negotiations() const {
    return exchanges_.own();
}

void Session::drop_own_negotiations() {
    exchanges_.drop_own();
}

void Session::drop_negotiations_of(sa::ReqId reqid) {
    exchanges_.drop_of(reqid);
}

ike::Session::Unconfirmed Session::unconfirmed(sa::ReqId reqid) const {
    return exchanges_.unconfirmed(reqid);
}

void Session::end_unconfirmed(sa::ReqId reqid, std::uint64_t begun) {
    if (auto* exchange = exchanges_.unconfirmed(reqid, begun)) {
        quick_failed(*exchange, finding<FindingId::quick_mode_unconfirmed>(), session::Refused::no);
    }
}

bool Session::end_negotiation_of(sa::SaId id) {
    auto* exchange = exchanges_.that_made(id);
    if (exchange == nullptr) {
        return false;
    }
    quick_failed(*exchange, finding<FindingId::quick_mode_unconfirmed>(), session::Refused::no);
    return true;
}

void Session::first_inbound(sa::SaId id) {
    exchanges_.first_inbound(id, now());
}

std::vector<sa::SaId> Session::end_negotiations() {
    return exchanges_.abandon();
}

}  // namespace causeway::ike::v1
