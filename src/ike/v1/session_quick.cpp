// Quick Mode in both roles: messages to their exchange, and what follows success and failure.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/findings.hpp"
#include "ike/limits.hpp"
#include "ike/v1/session.hpp"

namespace causeway::ike::v1 {

namespace quick = quick_mode;
using session::Refused;

quick::QuickContext Session::quick_context() const {
    const auto& all = done()->progress;
    const auto encapsulation = negotiation::encapsulation_after(
        {all.features.nat, all.nat.told, all.nat.any()}, owner_.peer()->nat_traversal);
    return {*done()->keys, done()->last_block, spi_i(),       spi_r(),
            local(),       remote(),           encapsulation, owner_.random()};
}

void Session::begin_child(const ChildOffer& offer) {
    const auto here = quick_context();
    Effects effects{remote()};
    auto owned = std::make_unique<Exchange>();
    Exchange& exchange = *owned;
    exchange.role = Role::initiator;
    exchange.since = now();
    exchange.begun = owner_.next_step();
    exchange.model = owner_.model();
    exchange.reqid = offer.tunnel->reqid;
    exchange.expires = now() + limits::half_open_time * 4;
    exchanges_.push_back(std::move(owned));
    report(EventCode::phase2_initiating, offer.tunnel->display_name,
           {{"local", offer.tunnel->local.text()}, {"remote", offer.tunnel->remote.text()}});
    exchange.message_id = message_ids_.next();
    auto next = quick::as_state(
        quick::begin(*offer.tunnel, offer.pfs, owner_.new_spi(), exchange.message_id, here, effects));
    after_quick_step(exchange, std::move(next), effects, {});
}

void Session::quick_message(const Datagram& datagram, const Message& message) {
    if (done() == nullptr) {
        // RFC 2409 5.4: as Aggressive Mode responder, a later exchange before message 3 shows that message 2
        // arrived and 3 was lost, or that 2 must be repeated; both are mended by repeating it.
        const auto* reply = answers_.latest();
        if (std::holds_alternative<aggressive_mode::Replied>(phase_) && reply != nullptr &&
            reply->size() <= limits::answer_per_request * message.datagram.size()) {
            repeat(place(), *reply);
        }
        return ignore(datagram.remote, "a Quick Mode before Phase 1 is done");
    }
    if (!message.header.encrypted() || message.header.message_id == 0 || owner_.stopping()) {
        return ignore(datagram.remote, "a Quick Mode in clear or without message id");
    }
    if (continue_quick(datagram, message)) {
        return;
    }
    if (seen_.full() || seen_.contains(message.header.message_id)) {
        return ignore(datagram.remote, "a Quick Mode that was already finished");
    }
    first_quick_message(datagram, message);
}

void Session::first_quick_message(const Datagram& datagram, const Message& message) {
    forget_answered();
    if (!owner_.may_answer_child()) {
        return;
    }
    const auto here = quick_context();
    Effects effects{remote()};
    auto next = quick::as_state(quick::respond(*owner_.peer(), message, owner_.new_spi(), here, effects));
    // It may have been held back, so nothing moves by it; the answer goes to where it came from.
    const auto there = elsewhere(datagram);
    const auto first_seen = [&] {
        saw(message.header.message_id);
        tell(session::ChildAsked{});
        ask_there(datagram);
    };
    if (!next) {
        tell_all(effects);
        if (!effects.complaint) {
            return tell(session::Unreadable{datagram.remote, next.error()});
        }
        first_seen();
        tell(session::Erred{finding_of(effects, next.error())});
        return send_notification(*effects.complaint, isakmp::Protocol::esp, std::move(effects.complaint_spi),
                                 {}, there);
    }
    first_seen();
    auto owned = std::make_unique<Exchange>();
    Exchange& exchange = *owned;
    exchange.model = owner_.model();
    exchange.message_id = message.header.message_id;
    exchange.since = now();
    exchange.begun = owner_.next_step();
    exchange.expires = now() + limits::half_open_time;
    exchange.place = there;
    exchange.reqid = std::visit([](const auto& state) { return state.progress.tunnel->reqid; }, *next);
    tell(session::ChildBegun{exchange.reqid});
    exchanges_.push_back(std::move(owned));
    after_quick_step(exchange, std::move(next), effects, digest_of(message.datagram));
}

/// The answer to message 1 goes to where the repetition came from, as the first one did: what was held back must not
/// keep it from the peer.
void Session::repeat_quick_answer(Exchange& exchange, const Datagram& datagram) {
    const bool first = !exchange.ours() && !exchange.finished;
    if (exchange.ours() && exchange.made) {
        if (!owner_.child(*exchange.made)) {
            // Nothing is left to confirm.
            return ignore(datagram.remote, "message 2 of a Quick Mode whose SA is gone");
        }
        exchange.in_doubt = true;
        exchange.confirmed_at = now();
    }
    transmit(exchange.answered->reply(), first ? elsewhere(datagram) : std::nullopt);
}

// Ours and the peer's message ids may meet, so two exchanges may have the same one: a message belongs to the
// one that it opens. False: to none of them, so it may begin another.
bool Session::continue_quick(const Datagram& datagram, const Message& message) {
    const Bytes digest = digest_of(message.datagram);
    bool begun_by_peer = false;
    std::string why;
    for (auto& exchange : exchanges_) {
        if (exchange->message_id != message.header.message_id) {
            continue;
        }
        if (exchange->answered && exchange->answered->is_to(digest)) {
            repeat_quick_answer(*exchange, datagram);
            return true;
        }
        begun_by_peer = begun_by_peer || !exchange->ours();
        if (digest == exchange->pending_request_digest || exchange->finished) {
            why = "a Quick Mode message that came again or too late";
            continue;
        }
        const auto here = quick_context();
        Effects effects{remote()};
        auto next = std::visit(
            [&](const auto& state) -> Result<quick::State> {
                if constexpr (requires { advance(state, message, here, effects); }) {
                    return quick::as_state(advance(state, message, here, effects));
                } else {
                    return fail(Errc::cancelled, "not awaited in this state");
                }
            },
            exchange->state);
        if (!next && !effects.complaint) {
            // Nothing authenticated: the exchange stays as it was, its IV too (RFC 2409 App. B).
            why = next.error().what;
            continue;
        }
        tell(session::Heard{});
        follow(datagram);  // HASH(2) and HASH(3) cover what was drawn for this exchange
        exchange->place.reset();
        after_quick_step(*exchange, std::move(next), effects, digest);
        return true;
    }
    if (begun_by_peer || (!why.empty() && seen_.contains(message.header.message_id))) {
        ignore(datagram.remote, why);
        return true;
    }
    return false;
}

// Of the peer's Quick Modes that are over, the oldest ones make room: nothing has to be said about them
// again, and their message ids are known for longer. Ours stay, for message 3.
void Session::forget_answered() {
    const auto is_over = [](const auto& exchange) { return exchange->finished && !exchange->ours(); };
    auto over = std::ranges::count_if(exchanges_, is_over);
    std::erase_if(exchanges_, [&](const auto& exchange) {
        return is_over(exchange) && over-- >= static_cast<std::ptrdiff_t>(limits::exchanges_per_sa);
    });
}

void Session::quick_dh_done(std::uint32_t message_id, Role role, const DhResult* dh,
                            const std::string& error) {
    const auto found = std::ranges::find_if(exchanges_, [&](const auto& exchange) {
        return exchange->message_id == message_id && exchange->role == role && !exchange->finished;
    });
    if (found == exchanges_.end() || done() == nullptr) {
        return;
    }
    Exchange& exchange = **found;
    if (dh == nullptr) {
        // The value was under HASH(1) or HASH(2): it is the peer's own fault.
        send_notification(isakmp::NotifyType::invalid_key_information, isakmp::Protocol::esp, {}, {});
        return quick_failed(exchange, finding<FindingId::dh_failed>(field<"why">(error)), Refused::no);
    }
    const auto here = quick_context();
    Effects effects{remote()};
    auto next = std::visit(
        [&](const auto& state) -> Result<quick::State> {
            if constexpr (requires { advance(state, *dh, here, effects); }) {
                return quick::as_state(advance(state, *dh, here, effects));
            } else {
                return fail(Errc::cancelled, "not awaited in this state");
            }
        },
        exchange.state);
    const Bytes digest = std::exchange(exchange.pending_request_digest, {});
    after_quick_step(exchange, std::move(next), effects, digest);
}

void Session::after_quick_step(Exchange& exchange, Result<quick::State> next, Effects& effects,
                               const Bytes& request_digest) {
    tell_all(effects);
    if (!next) {
        if (effects.complaint) {
            send_notification(*effects.complaint, isakmp::Protocol::esp, std::move(effects.complaint_spi),
                              {});
        }
        const bool networks = effects.complaint == isakmp::NotifyType::invalid_id_information;
        return quick_failed(exchange, finding_of(effects, next.error()),
                            networks ? Refused::networks : Refused::proposal);
    }
    exchange.state = std::move(*next);
    exchange.retransmission.reset();
    if (effects.dh) {
        exchange.pending_request_digest = request_digest;
        start_dh(&exchange, std::move(*effects.dh));
    }
    if (const auto* replied = std::get_if<quick::Replied>(&exchange.state)) {
        // Inbound before message 2 leaves: the peer may send as soon as it has it.
        install(exchange, replied->progress, replied->agreement, false);
        exchange.answered = Answer(request_digest, effects.reply);
        // The peer is authenticated, so message 2 is repeated by timer until message 3 comes.
        exchange.retransmission.emplace(effects.reply, now());
    } else if (const auto* completed = std::get_if<quick::Completed>(&exchange.state)) {
        if (exchange.ours()) {
            install(exchange, completed->progress, completed->agreement, true);
            exchange.answered = Answer(request_digest, effects.reply);
            exchange.confirmed_at = now();
        } else {
            exchange.answered.reset();
            if (exchange.made) {
                tell(session::ChildConfirmed{*exchange.made});
            }
        }
        exchange.finished = true;
        exchange.expires = now() + limits::finished_exchange_time;
        tell(session::ChildFinished{});
    } else if (!effects.reply.empty()) {
        exchange.retransmission.emplace(effects.reply, now());
    }
    if (!effects.reply.empty()) {
        transmit(std::move(effects.reply), exchange.place);
    }
    if (exchange.finished) {
        send_deferred();
        tell(session::Idle{});
    }
}

void Session::install(Exchange& exchange, const quick::QuickProgress& progress,
                      const quick::SharedAgreement& agreement, bool confirmed) {
    const auto& choice = agreement->choice;
    AgreedChild child;
    child.reqid = exchange.reqid;
    child.role = exchange.role;
    child.suite = choice.text();
    child.cipher = choice.cipher;
    child.integrity = choice.integrity;
    child.inbound = {agreement->inbound.spi, agreement->inbound.encryption_key.clone(),
                     agreement->inbound.integrity_key.clone()};
    child.outbound = {agreement->outbound.spi, agreement->outbound.encryption_key.clone(),
                      agreement->outbound.integrity_key.clone()};
    child.encapsulation =
        choice.mode == isakmp::EncapsulationMode::tunnel ? sa::Encapsulation::none : sa::Encapsulation::udp;
    child.lifetime = agreement->lifetime;
    child.lifetime_adopted = agreement->lifetime_adopted;
    child.nonces = progress.ni_b;
    append(child.nonces, progress.nr_b);
    child.begun = exchange.begun;
    child.since = exchange.since;
    child.confirmed = confirmed;
    exchange.made = owner_.install(std::move(child));
}

void Session::quick_failed(Exchange& exchange, const Finding& why, Refused refused) {
    exchange.finished = true;
    exchange.expires = now() + limits::finished_exchange_time;
    exchange.answered.reset();
    exchange.retransmission.reset();
    if (exchange.made) {
        tell(session::ChildLost{exchange.reqid, *exchange.made, why, exchange.ours()});
    }
    send_deferred();
    tell(session::ChildFailed{exchange.reqid, exchange.role, why, refused});
}

}  // namespace causeway::ike::v1
