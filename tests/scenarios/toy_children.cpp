// Children of the toy protocol: a pair of ESP SAs in two messages, without a word that confirms it.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "ike/limits.hpp"
#include "negotiation/lifetime.hpp"
#include "scenarios/toy_session.hpp"

namespace causeway::toy {

namespace limits = ike::limits;
using ike::Role;
using ike::session::Refused;

namespace {

std::string list_of(const std::vector<config::Phase2Proposal>& proposals) {
    std::string list;
    for (const auto& proposal : proposals) {
        list += (list.empty() ? "" : ",") + proposal.text();
    }
    return list;
}

/// Of the peer's list the first one that is ours; null when none is.
const config::Phase2Proposal* choose(const config::Tunnel& tunnel, const std::string& list) {
    for (std::size_t at = 0; at <= list.size();) {
        const auto end = std::min(list.find(',', at), list.size());
        const auto found = std::ranges::find_if(
            tunnel.proposals, [&](const auto& ours) { return ours.text() == list.substr(at, end - at); });
        if (found != tunnel.proposals.end()) {
            return &*found;
        }
        at = end + 1;
    }
    return nullptr;
}

/// No key at all: anybody can write it down.
Secret key_of(std::uint32_t spi, std::size_t octets) {
    return Secret::adopt(Bytes(octets, static_cast<std::uint8_t>(spi)));
}

sa::EspSa esp_of(std::uint32_t spi, const config::Phase2Proposal& chosen) {
    const auto& cipher = crypto::info(chosen.cipher);
    const std::size_t integrity =
        chosen.integrity == crypto::IntegrityId::none ? 0 : crypto::info(chosen.integrity).key_octets;
    return {spi, key_of(spi, std::size_t{cipher.key_octets} + cipher.salt_octets), key_of(spi, integrity)};
}

}  // namespace

// ---- the peer's --------------------------------------------------------------------------------------------------

void Session::child_asked(const Message& message) {
    const auto& tunnels = owner_.peer()->tunnels;
    const auto tunnel = std::ranges::find_if(tunnels, [&](const config::Tunnel& one) {
        return one.local.text() == message.word("remote") && one.remote.text() == message.word("local");
    });
    const auto* chosen = tunnel != tunnels.end() ? choose(*tunnel, message.word("suites")) : nullptr;
    if (chosen == nullptr) {
        const std::string why = tunnel != tunnels.end() ? "suites" : "networks";
        reply(message, Kind::no, {{"why", why}});
        return tell(ike::session::Erred{
            finding<FindingId::message_refused>(field<"what">("a child with other " + why))});
    }
    tell(ike::session::ChildBegun{tunnel->reqid});
    Child child{.role = Role::responder,
                .reqid = tunnel->reqid,
                .begun = owner_.next_step(),
                .since = now(),
                .spi_in = owner_.new_spi(),
                .nonce = to_hex(owner_.random().octets(8)),
                .model = owner_.model(),
                .tunnel = &*tunnel,
                .made = std::nullopt,
                .confirm_at = now() + confirm_after};
    child.made = install(child, message, *chosen);
    reply(message, child.made ? Kind::child_ok : Kind::no,
          {{"spi", std::to_string(child.spi_in)},
           {"suite", chosen->text()},
           {"life", std::to_string(std::min(message.number("life"), child.tunnel->lifetime.seconds))},
           {"nonce", child.nonce}});
    if (child.made) {
        children_.push_back(std::move(child));
    }
}

// ---- ours -----------------------------------------------------------------------------------------------------

void Session::begin_child(const ike::ChildOffer& offer) {
    const auto& tunnel = *offer.tunnel;
    if (offer.trial) {
        return tell(ike::session::TrialEnded{tunnel.reqid, false});  // it has no PFS to speak of
    }
    Child child{.role = Role::initiator,
                .reqid = tunnel.reqid,
                .begun = owner_.next_step(),
                .since = now(),
                .spi_in = owner_.new_spi(),
                .nonce = to_hex(owner_.random().octets(8)),
                .model = owner_.model(),
                .tunnel = &tunnel,
                .made = std::nullopt,
                .confirm_at = {}};
    Words words{{"spi", std::to_string(child.spi_in)},
                {"local", tunnel.local.text()},
                {"remote", tunnel.remote.text()},
                {"suites", list_of(negotiation::offered_with(tunnel.proposals, offer.pfs))},
                {"life", std::to_string(tunnel.lifetime.seconds)},
                {"nonce", child.nonce}};
    const auto begun = child.begun;
    children_.push_back(std::move(child));
    ask(Kind::child, std::move(words), begun);
}

void Session::child_answered(const Message& message, std::uint64_t begun) {
    const auto* under_way = child_of(begun);
    if (under_way == nullptr) {
        return;
    }
    const auto& tunnel = *under_way->tunnel;
    if (message.kind() == Kind::no) {
        const auto notify = field<"notify">(name_of(Kind::no));
        if (message.word("why") == "networks") {
            return child_failed(
                begun,
                finding<FindingId::peer_knows_no_networks>(
                    tunnel.place, notify, field<"local">(tunnel.local.text()),
                    field<"remote">(tunnel.remote.text()), field<"place">(tunnel.place.text())),
                Refused::networks);
        }
        return child_failed(begun,
                            finding<FindingId::peer_accepts_no_suite>(
                                tunnel.proposals_place, notify, field<"offered">(list_of(tunnel.proposals)),
                                field<"place">(tunnel.proposals_place.text())),
                            Refused::proposal);
    }
    const auto* chosen = choose(tunnel, message.word("suite"));
    if (chosen == nullptr) {
        return child_failed(
            begun, finding<FindingId::message_refused>(field<"what">("a suite that was not offered")),
            Refused::proposal);
    }
    const auto child = *take(begun);
    if (!install(child, message, *chosen)) {
        return delete_child(child.spi_in);
    }
    tell(ike::session::ChildFinished{});
}

std::optional<sa::SaId> Session::install(const Child& child, const Message& message,
                                         const config::Phase2Proposal& chosen) {
    const bool ours = child.role == Role::initiator;
    const auto agreed = negotiation::agree_lifetime(child.tunnel->lifetime, {message.number("life"), 0});
    ike::AgreedChild made;
    made.reqid = child.reqid;
    made.role = child.role;
    made.cipher = chosen.cipher;
    made.integrity = chosen.integrity;
    made.pfs = chosen.pfs;
    made.inbound = esp_of(child.spi_in, chosen);
    made.outbound = esp_of(message.number("spi"), chosen);
    made.lifetime = agreed.lifetime;
    made.lifetime_adopted = agreed.adopted;
    const std::string nonces =
        ours ? child.nonce + message.word("nonce") : message.word("nonce") + child.nonce;
    made.nonces = to_bytes(as_bytes(nonces));
    made.begun = child.begun;
    made.since = child.since;
    made.confirmed = ours;
    return owner_.install(std::move(made));
}

void Session::child_failed(std::uint64_t begun, const Finding& why, Refused refused) {
    const auto child = take(begun);
    if (!child) {
        return;
    }
    std::erase_if(requests_, [&](const Request& request) { return request.begun == begun; });
    if (child->made) {
        tell(ike::session::ChildLost{child->reqid, *child->made, why, false});
    }
    tell(ike::session::ChildFailed{child->reqid, child->role, why, refused});
    next_request();
}

/// The peer has our answer.
void Session::confirm(std::uint64_t begun) {
    const auto child = take(begun);
    if (!child) {
        return;
    }
    tell(ike::session::ChildConfirmed{*child->made});
    tell(ike::session::ChildFinished{});
    tell(ike::session::Idle{});
}

Session::Child* Session::child_of(std::uint64_t begun) {
    const auto found = std::ranges::find(children_, begun, &Child::begun);
    return found != children_.end() ? &*found : nullptr;
}

std::optional<Session::Child> Session::take(std::uint64_t begun) {
    const auto found = std::ranges::find(children_, begun, &Child::begun);
    if (found == children_.end()) {
        return std::nullopt;
    }
    auto child = std::move(*found);
    children_.erase(found);
    return child;
}

// ---- what the engine asks of them ---------------------------------------------------------------------------------

bool Session::may_begin_child() const {
    return established() && own_negotiations().size() < limits::own_quick_modes_per_sa;
}

bool Session::negotiates(sa::ReqId reqid) const {
    return std::ranges::find(children_, reqid, &Child::reqid) != children_.end();
}

std::vector<sa::ReqId> Session::own_negotiations() const {
    std::vector<sa::ReqId> own;
    for (const auto& child : children_) {
        if (child.role == Role::initiator) {
            own.push_back(child.reqid);
        }
    }
    return own;
}

void Session::drop_own_negotiations() {
    std::erase_if(children_, [](const Child& child) { return child.role == Role::initiator; });
    std::erase_if(requests_, [](const Request& request) { return request.begun != 0; });
    next_request();
}

void Session::drop_negotiations_of(sa::ReqId reqid) {
    std::erase_if(children_, [&](const Child& child) { return child.reqid == reqid; });
    next_request();
}

ike::Session::Unconfirmed Session::unconfirmed(sa::ReqId reqid) const {
    Unconfirmed found;
    for (const auto& child : children_) {
        if (child.role == Role::responder && child.reqid == reqid) {
            found.oldest = found.count == 0 ? child.begun : std::min(found.oldest, child.begun);
            ++found.count;
        }
    }
    return found;
}

void Session::end_unconfirmed(sa::ReqId /*reqid*/, std::uint64_t begun) {
    child_failed(begun, finding<FindingId::quick_mode_unconfirmed>(), Refused::no);
}

bool Session::end_negotiation_of(sa::SaId id) {
    const auto found = std::ranges::find(children_, std::optional(id), &Child::made);
    if (found == children_.end()) {
        return false;
    }
    child_failed(found->begun, finding<FindingId::quick_mode_unconfirmed>(), Refused::no);
    return true;
}

void Session::first_inbound(sa::SaId id) {
    std::erase_if(children_, [&](const Child& child) { return child.made == id; });
}

std::vector<sa::SaId> Session::end_negotiations() {
    std::vector<sa::SaId> made;
    for (const auto& child : std::exchange(children_, {})) {
        if (child.made) {
            made.push_back(*child.made);
        }
    }
    return made;
}

}  // namespace causeway::toy
