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
    const Exchange::Begun begun{Role::initiator, message_ids_.next(), offer.tunnel->reqid, owner_.next_step(),
                                now(),           offer.trial};
    auto& exchange = exchanges_.add(std::make_unique<Exchange>(begun, owner_.model()));
    report(EventCode::phase2_initiating, offer.tunnel->display_name,
           {{"local", offer.tunnel->local.text()}, {"remote", offer.tunnel->remote.text()}});
    auto next = quick::as_state(
        quick::begin(*offer.tunnel, offer.pfs, owner_.new_spi(), exchange.message_id(), here, effects));
    after_quick_step(exchange, std::move(next), effects, {});
}

void Session::quick_message(const Datagram& datagram, const Message& message) {
    if (done() == nullptr) {
        // RFC 2409 5.4: as Aggressive Mode responder, a later exchange before message 3 shows that message 2
        // arrived and 3 was lost, or that 2 must be repeated; both are mended by repeating it.
        const auto* reply = requests_.latest_answer_for(message.datagram.size());
        if (phase1_.has_replied_unproved() && reply != nullptr) {
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
    exchanges_.forget_answered();
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
    const auto reqid = std::visit([](const auto& state) { return state.progress.tunnel->reqid; }, *next);
    const Exchange::Begun begun{
        Role::responder, message.header.message_id, reqid, owner_.next_step(), now(), {}};
    auto owned = std::make_unique<Exchange>(begun, owner_.model());
    tell(session::ChildBegun{reqid});
    auto& exchange = exchanges_.add(std::move(owned));
    exchange.answer_at(there);
    after_quick_step(exchange, std::move(next), effects, digest_of(message.datagram));
}

/// The answer to message 1 goes to where the repetition came from, as the first one did: what was held back must not
/// keep it from the peer.
void Session::repeat_quick_answer(Exchange& exchange, Bytes reply, const Datagram& datagram) {
    const bool first = !exchange.ours() && !exchange.finished();
    if (exchange.ours() && exchange.made()) {
        if (!owner_.child(*exchange.made())) {
            // Nothing is left to confirm.
            return ignore(datagram.remote, "message 2 of a Quick Mode whose SA is gone");
        }
        exchange.repeated_message_3(now());
    }
    transmit(std::move(reply), first ? elsewhere(datagram) : std::nullopt);
}

// Ours and the peer's message ids may meet, so two exchanges may have the same one: a message belongs to the
// one that it opens. False: to none of them, so it may begin another.
bool Session::continue_quick(const Datagram& datagram, const Message& message) {
    const Bytes digest = digest_of(message.datagram);
    bool begun_by_peer = false;
    std::string why;
    for (std::size_t i = 0; i < exchanges_.size(); ++i) {
        auto& exchange = exchanges_.at(i);
        if (exchange.message_id() != message.header.message_id) {
            continue;
        }
        if (const auto* reply = exchange.answer_to(digest)) {
            repeat_quick_answer(exchange, *reply, datagram);
            return true;
        }
        begun_by_peer = begun_by_peer || !exchange.ours();
        if (exchange.has_done_with(digest)) {
            why = "a Quick Mode message that came again or too late";
            continue;
        }
        const auto here = quick_context();
        Effects effects{remote()};
        auto next = exchange.next(message, here, effects);
        if (!next && !effects.complaint) {
            // Nothing authenticated: the exchange stays as it was, its IV too (RFC 2409 App. B).
            why = next.error().what;
            continue;
        }
        tell(session::Heard{});
        follow(datagram);  // HASH(2) and HASH(3) cover what was drawn for this exchange
        exchange.answer_at_the_peer();
        after_quick_step(exchange, std::move(next), effects, digest);
        return true;
    }
    if (begun_by_peer || (!why.empty() && seen_.contains(message.header.message_id))) {
        ignore(datagram.remote, why);
        return true;
    }
    return false;
}

void Session::quick_dh_done(std::uint64_t tag, const DhResult* dh, const std::string& error) {
    auto* found = exchanges_.with_dh_tag(tag);
    if (found == nullptr || done() == nullptr) {
        return;
    }
    auto& exchange = *found;
    if (dh == nullptr) {
        // The value was under HASH(1) or HASH(2): it is the peer's own fault.
        send_notification(isakmp::NotifyType::invalid_key_information, isakmp::Protocol::esp, {}, {});
        return quick_failed(exchange, finding<FindingId::dh_failed>(field<"why">(error)), Refused::no);
    }
    const auto here = quick_context();
    Effects effects{remote()};
    auto next = exchange.next(*dh, here, effects);
    const Bytes digest = exchange.take_pending_request();
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
    exchange.advance(std::move(*next));
    if (effects.dh) {
        exchange.await_dh(request_digest);
        start_dh(exchange.dh_tag(), std::move(*effects.dh));
    }
    std::uint32_t own_spi = 0;
    if (const auto* replied = std::get_if<quick::Replied>(exchange.state())) {
        // Inbound before message 2 leaves: the peer may send as soon as it has it.
        exchange.made(owner_.install(exchange.agreed(replied->progress, *replied->agreement)));
        exchange.sent_message_2(request_digest, effects.reply, now());
    } else if (const auto* completed = std::get_if<quick::Completed>(exchange.state())) {
        own_spi = completed->progress.own_spi;
        quick_completed(exchange, *completed, effects.reply, request_digest);
    } else if (!effects.reply.empty()) {
        exchange.sent(effects.reply, now());
    }
    if (!effects.reply.empty()) {
        transmit(std::move(effects.reply), exchange.place());
    }
    if (exchange.finished()) {
        send_deferred();
        exchange.is_trial() ? trial_accepted(exchange.reqid(), own_spi) : tell(session::Idle{});
    }
}

/// What the peer has made is of no use to us.
void Session::trial_accepted(sa::ReqId reqid, std::uint32_t own_spi) {
    delete_child(own_spi);
    tell(session::TrialEnded{reqid, true});
}

void Session::quick_completed(Exchange& exchange, const quick::Completed& completed, const Bytes& reply,
                              const Bytes& request_digest) {
    requests_.forget();
    if (exchange.is_trial()) {
        exchange.sent_message_3(request_digest, reply, now());
        return exchange.finish(now());
    }
    if (exchange.ours()) {
        exchange.made(owner_.install(exchange.agreed(completed.progress, *completed.agreement)));
        exchange.sent_message_3(request_digest, reply, now());
    } else {
        exchange.confirmed_by_peer();
        if (exchange.made()) {
            tell(session::ChildConfirmed{*exchange.made()});
        }
    }
    exchange.finish(now());
    tell(session::ChildFinished{});
}

void Session::quick_failed(Exchange& exchange, const Finding& why, Refused refused) {
    exchange.fail(now());
    if (exchange.made()) {
        tell(session::ChildLost{exchange.reqid(), *exchange.made(), why, exchange.ours()});
    }
    send_deferred();
    if (exchange.is_trial()) {
        return tell(session::TrialEnded{exchange.reqid(), false});
    }
    tell(session::ChildFailed{exchange.reqid(), exchange.role(), why, refused});
}

}  // namespace causeway::ike::v1
