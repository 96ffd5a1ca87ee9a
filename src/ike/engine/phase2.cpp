// Quick Mode in both roles: messages to their exchange, and what follows success and failure.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "ike/engine/impl.hpp"
#include "ike/engine/retrying.hpp"

namespace causeway::ike {

namespace quick = v1::quick_mode;

quick::QuickContext Engine::Impl::quick_context(const IkeSa& sa) {
    const auto& done = *sa.established();
    const auto& progress = done.progress;
    const auto encapsulation = negotiation::encapsulation_after(
        {progress.features.nat, progress.nat.told, progress.nat.any()}, sa.peer->config->nat_traversal);
    return {*done.keys, done.last_block, sa.cky_i, sa.cky_r, sa.local, sa.remote, encapsulation, random_};
}

void Engine::Impl::start_quick(IkeSa& sa, Tunnel& tunnel) {
    const auto context = quick_context(sa);
    v1::Effects effects{sa.remote};
    auto owned = std::make_unique<Exchange>();
    Exchange& exchange = *owned;
    exchange.initiator = true;
    exchange.since = now_;
    exchange.begun = ++steps_;
    exchange.model = model_;
    exchange.tunnel = tunnel.config->display_name;
    exchange.expires = now_ + limits::half_open_time * 4;
    sa.exchanges.push_back(std::move(owned));
    report(EventCode::phase2_initiating, tunnel.config->display_name,
           {{"local", tunnel.config->local.text()}, {"remote", tunnel.config->remote.text()}});
    exchange.message_id = sa.message_ids.next();
    const auto groups = negotiation::offered_pfs(tunnel.config->proposals);
    const auto pfs = groups.empty() ? std::nullopt : groups[tunnel.pfs.turn(groups.size())];
    auto next =
        quick::as_state(quick::begin(*tunnel.config, pfs, new_spi(), exchange.message_id, context, effects));
    after_quick_step(sa, exchange, std::move(next), effects, {});
}

void Engine::Impl::quick_message(IkeSa& sa, const Datagram& datagram, const v1::Message& message) {
    if (sa.established() == nullptr) {
        // RFC 2409 5.4: as Aggressive Mode responder, a later exchange before message 3 shows that message 2
        // arrived and 3 was lost, or that 2 must be repeated; both are mended by repeating it.
        if (std::holds_alternative<v1::aggressive_mode::Replied>(sa.phase) && !sa.answered.empty() &&
            sa.answered.back().reply.size() <= limits::answer_per_request * message.datagram.size()) {
            ++messages_out_;
            outputs_.push_back(Transmit{sa.local, sa.remote, sa.answered.back().reply});
        }
        return report_ignored(datagram.remote, "a Quick Mode before Phase 1 is done");
    }
    if (!message.header.encrypted() || message.header.message_id == 0 || shutting_down_) {
        return report_ignored(datagram.remote, "a Quick Mode in clear or without message id");
    }
    if (continue_quick(sa, datagram, message)) {
        return;
    }
    if (sa.seen.full() || sa.seen.contains(message.header.message_id)) {
        return report_ignored(datagram.remote, "a Quick Mode that was already finished");
    }
    first_quick_message(sa, datagram, message);
}

void Engine::Impl::first_quick_message(IkeSa& sa, const Datagram& datagram, const v1::Message& message) {
    forget_answered(sa);
    if (!may_begin_another(sa)) {
        return;
    }
    const auto context = quick_context(sa);
    v1::Effects effects{sa.remote};
    auto next = quick::as_state(quick::respond(*sa.peer->config, message, new_spi(), context, effects));
    // It may have been held back, so nothing moves by it; the answer goes to where it came from.
    const auto place = elsewhere(sa, datagram);
    const auto first_seen = [&] {
        if (sa.seen.add(message.header.message_id)) {
            renew_when_worn_out(sa, sa.seen.size(), limits::remembered_message_ids);
        }
        sa.peer->quick_modes.spend(now_, limits::peers_quick_mode_interval);
        heard(sa);
        ask_there(sa, datagram);
    };
    if (!next) {
        tell(effects);
        if (effects.complaint) {
            first_seen();
            remember_error(*sa.peer, finding_of(effects, next.error()));
            send_notification(sa, *effects.complaint, isakmp::Protocol::esp, std::move(effects.complaint_spi),
                              {}, place);
        } else {
            cannot_read(datagram.remote, next.error());
        }
        return;
    }
    first_seen();
    auto owned = std::make_unique<Exchange>();
    Exchange& exchange = *owned;
    exchange.model = model_;
    exchange.message_id = message.header.message_id;
    exchange.since = now_;
    exchange.begun = ++steps_;
    exchange.expires = now_ + limits::half_open_time;
    exchange.place = place;
    exchange.tunnel =
        std::visit([](const auto& state) { return state.progress.tunnel->display_name; }, *next);
    end_oldest_unfinished(*sa.peer, exchange);
    sa.exchanges.push_back(std::move(owned));
    after_quick_step(sa, exchange, std::move(next), effects, digest_of(message.datagram));
}

// Ours and the peer's message ids may meet, so two exchanges may have the same one: a message belongs to the
// one that it opens. False: to none of them, so it may begin another.
bool Engine::Impl::continue_quick(IkeSa& sa, const Datagram& datagram, const v1::Message& message) {
    const Bytes digest = digest_of(message.datagram);
    bool begun_by_peer = false;
    std::string why;
    for (auto& exchange : sa.exchanges) {
        if (exchange->message_id != message.header.message_id) {
            continue;
        }
        if (exchange->answered && exchange->answered->request_digest == digest) {
            // The answer to message 1 goes to where the repetition came from, as the first one did: what was
            // held back must not keep it from the peer.
            const bool first = !exchange->initiator && !exchange->finished;
            if (exchange->initiator && exchange->made) {
                if (find_child(*exchange->made).child == nullptr) {
                    report_ignored(datagram.remote, "message 2 of a Quick Mode whose SA is gone");
                    return true;  // nothing is left to confirm
                }
                exchange->in_doubt = true;
                exchange->confirmed_at = now_;
            }
            transmit(sa, exchange->answered->reply, first ? elsewhere(sa, datagram) : std::nullopt);
            return true;
        }
        begun_by_peer = begun_by_peer || !exchange->initiator;
        if (digest == exchange->pending_request_digest || exchange->finished) {
            why = "a Quick Mode message that came again or too late";
            continue;
        }
        const auto context = quick_context(sa);
        v1::Effects effects{sa.remote};
        auto next = std::visit(
            [&](const auto& state) -> Result<quick::State> {
                if constexpr (requires { advance(state, message, context, effects); }) {
                    return quick::as_state(advance(state, message, context, effects));
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
        heard(sa);
        follow(sa, datagram);  // HASH(2) and HASH(3) cover what was drawn for this exchange
        exchange->place.reset();
        after_quick_step(sa, *exchange, std::move(next), effects, digest);
        return true;
    }
    if (begun_by_peer || (!why.empty() && sa.seen.contains(message.header.message_id))) {
        report_ignored(datagram.remote, why);
        return true;
    }
    return false;
}

/// The peer cannot be made to pause, but what it costs is bounded.
bool Engine::Impl::may_begin_another(IkeSa& sa) {
    auto& peer = *sa.peer;
    std::size_t running = 0;
    for (const auto* one : peer.sas) {
        running +=
            static_cast<std::size_t>(std::count_if(one->exchanges.begin(), one->exchanges.end(),
                                                   [](const auto& exchange) { return !exchange->finished; }));
    }
    if (running >= limits::exchanges_per_sa) {
        tell_of_limit(peer,
                      finding<FindingId::too_many_quick_modes>(field<"remote">(sa.remote.text()),
                                                               field<"count">(std::to_string(running))),
                      "further ones are ignored");
        return false;
    }
    if (!peer.quick_modes.left(now_, limits::peers_quick_mode_interval,
                               limits::peers_quick_modes_at_once + 4 * peer.tunnels.size())) {
        tell_of_limit(peer, finding<FindingId::quick_modes_too_often>(field<"remote">(sa.remote.text())),
                      fmt::format("it is answered {:.0f} times a second",
                                  1 / seconds_of(limits::peers_quick_mode_interval)));
        return false;
    }
    return true;
}

/// What the peer has begun for a tunnel and not finished makes room for what it begins now.
void Engine::Impl::end_oldest_unfinished(Peer& peer, const Exchange& newest) {
    IkeSa* under = nullptr;
    Exchange* oldest = nullptr;
    std::size_t unfinished = 0;
    for (auto* sa : peer.sas) {
        for (auto& exchange : sa->exchanges) {
            if (exchange->initiator || exchange->finished || exchange->tunnel != newest.tunnel) {
                continue;
            }
            ++unfinished;
            if (oldest == nullptr || exchange->begun < oldest->begun) {
                oldest = exchange.get();
                under = sa;
            }
        }
    }
    if (unfinished >= limits::unfinished_per_tunnel) {
        quick_failed(*under, *oldest, finding<FindingId::quick_mode_unconfirmed>(), Refused::no);
    }
}

// Of the peer's Quick Modes that are over, the oldest ones make room: nothing has to be said about them
// again, and their message ids are known for longer. Ours stay, for message 3.
void Engine::Impl::forget_answered(IkeSa& sa) {
    const auto is_over = [](const auto& exchange) { return exchange->finished && !exchange->initiator; };
    auto over = std::count_if(sa.exchanges.begin(), sa.exchanges.end(), is_over);
    std::erase_if(sa.exchanges, [&](const auto& exchange) {
        return is_over(exchange) && over-- >= static_cast<std::ptrdiff_t>(limits::exchanges_per_sa);
    });
}

void Engine::Impl::quick_dh_done(IkeSa& sa, std::uint32_t message_id, bool initiator, const v1::DhResult* dh,
                                 const std::string& error) {
    const auto found = std::find_if(sa.exchanges.begin(), sa.exchanges.end(), [&](const auto& exchange) {
        return exchange->message_id == message_id && exchange->initiator == initiator && !exchange->finished;
    });
    if (found == sa.exchanges.end() || sa.established() == nullptr) {
        return;
    }
    Exchange& exchange = **found;
    if (dh == nullptr) {
        // The value was under HASH(1) or HASH(2): it is the peer's own fault.
        send_notification(sa, isakmp::NotifyType::invalid_key_information, isakmp::Protocol::esp, {}, {});
        return quick_failed(sa, exchange, finding<FindingId::dh_failed>(field<"why">(error)), Refused::no);
    }
    const auto context = quick_context(sa);
    v1::Effects effects{sa.remote};
    auto next = std::visit(
        [&](const auto& state) -> Result<quick::State> {
            if constexpr (requires { advance(state, *dh, context, effects); }) {
                return quick::as_state(advance(state, *dh, context, effects));
            } else {
                return fail(Errc::cancelled, "not awaited in this state");
            }
        },
        exchange.state);
    Bytes digest = std::move(exchange.pending_request_digest);
    exchange.pending_request_digest.clear();
    after_quick_step(sa, exchange, std::move(next), effects, digest);
}

void Engine::Impl::after_quick_step(IkeSa& sa, Exchange& exchange, Result<quick::State> next,
                                    v1::Effects& effects, const Bytes& request_digest) {
    tell(effects);
    if (!next) {
        if (effects.complaint) {
            send_notification(sa, *effects.complaint, isakmp::Protocol::esp, std::move(effects.complaint_spi),
                              {});
        }
        const bool networks = effects.complaint == isakmp::NotifyType::invalid_id_information;
        return quick_failed(sa, exchange, finding_of(effects, next.error()),
                            networks ? Refused::networks : Refused::proposal);
    }
    exchange.state = std::move(*next);
    exchange.retransmission.reset();
    if (effects.dh) {
        exchange.pending_request_digest = request_digest;
        start_dh(sa, &exchange, std::move(*effects.dh));
    }
    if (const auto* replied = std::get_if<quick::Replied>(&exchange.state)) {
        // Inbound before message 2 leaves: the peer may send as soon as it has it.
        install(sa, exchange, replied->progress, replied->agreement, ChildSas::Outbound::confirmed);
        exchange.answered = Answered{request_digest, effects.reply};
        // The peer is authenticated, so message 2 is repeated by timer until message 3 comes.
        arm(exchange.retransmission, effects.reply);
    } else if (const auto* completed = std::get_if<quick::Completed>(&exchange.state)) {
        if (exchange.initiator) {
            install(sa, exchange, completed->progress, completed->agreement, ChildSas::Outbound::now);
            exchange.answered = Answered{request_digest, effects.reply};
            exchange.confirmed_at = now_;
        } else {
            exchange.answered.reset();
            if (const auto found = exchange.made ? find_child(*exchange.made) : Found{};
                found.child != nullptr) {
                perform(*found.peer, *found.tunnel, found.tunnel->sas.confirm(*exchange.made, now_));
            }
        }
        sa.peer->nat_blamed.reset();
        exchange.finished = true;
        exchange.expires = now_ + limits::finished_exchange_time;
    } else if (!effects.reply.empty()) {
        arm(exchange.retransmission, effects.reply);
    }
    if (!effects.reply.empty()) {
        transmit(sa, std::move(effects.reply), exchange.place);
    }
    if (exchange.finished && sa.peer != nullptr) {
        send_deferred(sa);
        pursue(*sa.peer);
    }
}

void Engine::Impl::quick_failed(IkeSa& sa, Exchange& exchange, const Finding& why, Refused refused) {
    exchange.finished = true;
    exchange.expires = now_ + limits::finished_exchange_time;
    exchange.answered.reset();
    exchange.retransmission.reset();
    auto& peer = *sa.peer;
    auto* tunnel = tunnel_of(peer, exchange.tunnel);
    if (exchange.made && tunnel != nullptr) {
        const Loss loss{
            why, finding<FindingId::refuses_each_sa>(field<"why">(why.sentence()), field<"count">({}))};
        perform(peer, *tunnel,
                tunnel->sas.lose(*exchange.made, loss, child::Cause::negotiation,
                                 exchange.initiator ? ChildSas::Tell::peer : ChildSas::Tell::nobody, now_));
    }
    send_deferred(sa);
    remember_error(peer, why);
    if (tunnel == nullptr) {
        return;
    }
    const bool down = tunnel->carrier() == nullptr;
    if (down && !tunnel->retries.setbacks().is_habit()) {
        tunnel->outage.explain(
            with_refusal(why, refused != Refused::no ? std::nullopt : tunnel->outage.refusal()));
    }
    const auto tell = [&](const std::string& next) {
        report(refused != Refused::no ? EventCode::phase2_refused : EventCode::phase2_no_answer,
               tunnel->config->display_name,
               {{"remote", sa.remote.text()},
                {"local", tunnel->config->local.text()},
                {"remote_net", tunnel->config->remote.text()},
                {"why", why.sentence()},
                {"next", next}});
    };
    if (!exchange.initiator) {
        return refused != Refused::no ? tell("it was the peer that asked for it") : void();
    }
    const bool another_group = offer_next_group(*tunnel, refused);
    const auto carried = down ? Retries::Carried::no : Retries::Carried::yes;
    if (another_group) {
        tunnel->retries.group_refused(carried, now_, random_);
    } else {
        tunnel->retries.failed(carried, now_, random_);
    }
    if (refused != Refused::no) {
        tunnel->outage.refuse(why);
    }
    if (down && !another_group) {
        tunnel->wish.attempt_failed();
    }
    tell(another_group           ? "the next PFS group is tried"
         : tunnel->wish.wanted() ? retrying(tunnel->retries.due_at(), now_)
                                 : "waiting for traffic or for the peer");
    if (!another_group) {
        command_failed(peer, tunnel, with_refusal(why, tunnel->outage.refusal()));
    }
    if (refused == Refused::proposal) {
        doubt_phase1(sa, *tunnel);
    }
    pursue(peer);  // another tunnel may have waited for this one
}

}  // namespace causeway::ike
