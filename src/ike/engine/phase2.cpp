#include <algorithm>
#include <fmt/format.h>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

namespace quick = v1::quick_mode;

namespace {

/// Refusals of one tunnel, one after the other.
constexpr unsigned phase1_anew_after = 2;

}  // namespace

quick::QuickContext Engine::Impl::quick_context(IkeSa& sa) {
    const auto& done = *sa.established();
    quick::QuickContext context{*done.keys,
                                done.last_block,
                                sa.cky_i,
                                sa.cky_r,
                                sa.local,
                                sa.remote,
                                isakmp::EncapsulationMode::tunnel,
                                random_};
    if (done.progress.nat.any()) {
        // RFC 3947 5.1; the drafts use private numbers.
        context.mode = done.progress.features.nat == v1::NatVariant::rfc3947
                           ? isakmp::EncapsulationMode::udp_tunnel
                           : isakmp::EncapsulationMode::udp_tunnel_draft;
    }
    context.peer = sa.peer->name;
    // A peer that we allow no NAT traversal gets none.
    context.mode_open = !done.progress.nat.told && sa.peer->config->nat_traversal;
    return context;
}

void Engine::Impl::start_quick(IkeSa& sa, TunnelRun& tunnel) {
    auto context = quick_context(sa);
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
    auto next = quick::begin(*tunnel.config, new_spi(), exchange.message_id, context);
    after_quick_step(sa, exchange, std::move(next), context, {});
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
    const Bytes digest = digest_of(message.datagram);
    for (auto& exchange : sa.exchanges) {
        if (exchange->message_id != message.header.message_id) {
            continue;
        }
        if (exchange->answered && exchange->answered->request_digest == digest) {
            transmit(sa, exchange->answered->reply);
            return;
        }
        if (digest == exchange->pending_request_digest || exchange->finished) {
            return report_ignored(datagram.remote, "a Quick Mode message that came again or too late");
        }
        auto context = quick_context(sa);
        auto next = std::visit(
            [&](const auto& state) -> Result<quick::State> {
                if constexpr (requires { advance(state, message, context); }) {
                    return advance(state, message, context);
                } else {
                    return fail(Errc::cancelled, "not awaited in this state");
                }
            },
            exchange->state);
        if (next || context.complaint) {
            heard(sa, datagram);
        }
        if (!next && !context.complaint) {
            // Nothing authenticated: the exchange stays as it was, its IV too (RFC 2409 App. B).
            return report_ignored(datagram.remote, next.error().what);
        }
        return after_quick_step(sa, *exchange, std::move(next), context, digest);
    }
    forget_answered(sa);
    const auto running = std::count_if(sa.exchanges.begin(), sa.exchanges.end(),
                                       [](const auto& exchange) { return !exchange->finished; });
    if (running >= static_cast<std::ptrdiff_t>(limits::exchanges_per_sa)) {
        return report(EventCode::limit_reached, sa.peer->name,
                      {{"what", fmt::format("{} exchanges under one ISAKMP SA", running)},
                       {"next", "further ones are ignored"}});
    }
    std::vector<const config::Tunnel*> tunnels;
    for (const auto& tunnel : sa.peer->tunnels) {
        tunnels.push_back(tunnel->config);
    }
    auto context = quick_context(sa);
    auto next = quick::respond(tunnels, message, new_spi(), context);
    if (!next) {
        for (auto& event : context.events) {
            outputs_.push_back(Report{std::move(event)});
        }
        if (context.complaint) {
            if (sa.is_fresh(message.header.message_id)) {
                heard(sa, datagram);
            }
            sa.peer->last_error = next.error().what;
            sa.peer->last_error_at = now_;
            send_notification(sa, *context.complaint, isakmp::Protocol::esp, std::move(context.complaint_spi),
                              {});
        } else {
            report_ignored(datagram.remote, next.error().what);
        }
        return;
    }
    if (!sa.is_fresh(message.header.message_id)) {
        return report_ignored(datagram.remote, "a Quick Mode that was already finished");
    }
    heard(sa, datagram);
    auto owned = std::make_unique<Exchange>();
    Exchange& exchange = *owned;
    exchange.model = model_;
    exchange.message_id = message.header.message_id;
    exchange.since = now_;
    exchange.begun = ++steps_;
    exchange.expires = now_ + limits::half_open_time;
    exchange.tunnel =
        std::visit([](const auto& state) { return state.progress.tunnel->display_name; }, *next);
    sa.exchanges.push_back(std::move(owned));
    after_quick_step(sa, exchange, std::move(next), context, digest);
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

void Engine::Impl::quick_dh_done(IkeSa& sa, std::uint32_t message_id, const v1::DhResult* dh,
                                 const std::string& error) {
    const auto found = std::find_if(sa.exchanges.begin(), sa.exchanges.end(), [&](const auto& exchange) {
        return exchange->message_id == message_id && !exchange->finished;
    });
    if (found == sa.exchanges.end() || sa.established() == nullptr) {
        return;
    }
    Exchange& exchange = **found;
    if (dh == nullptr) {
        // The value was under HASH(1) or HASH(2): it is the peer's own fault.
        send_notification(sa, isakmp::NotifyType::invalid_key_information, isakmp::Protocol::esp, {}, {});
        return quick_failed(sa, exchange, "Diffie-Hellman failed: " + error, false);
    }
    auto context = quick_context(sa);
    auto next = std::visit(
        [&](const auto& state) -> Result<quick::State> {
            if constexpr (requires { advance(state, *dh, context); }) {
                return advance(state, *dh, context);
            } else {
                return fail(Errc::cancelled, "not awaited in this state");
            }
        },
        exchange.state);
    Bytes digest = std::move(exchange.pending_request_digest);
    exchange.pending_request_digest.clear();
    after_quick_step(sa, exchange, std::move(next), context, digest);
}

void Engine::Impl::after_quick_step(IkeSa& sa, Exchange& exchange, Result<quick::State> next,
                                    quick::QuickContext& context, const Bytes& request_digest) {
    for (auto& event : context.events) {
        outputs_.push_back(Report{std::move(event)});
    }
    if (!next) {
        if (context.complaint) {
            send_notification(sa, *context.complaint, isakmp::Protocol::esp, std::move(context.complaint_spi),
                              {});
        }
        return quick_failed(sa, exchange, next.error().what, true);
    }
    exchange.state = std::move(*next);
    exchange.retransmission.reset();
    if (context.dh) {
        exchange.pending_request_digest = request_digest;
        start_dh(sa, exchange.message_id, std::move(*context.dh));
    }
    if (const auto* replied = std::get_if<quick::Replied>(&exchange.state)) {
        // Inbound before message 2 leaves: the peer may send as soon as it has it.
        install(sa, exchange, replied->progress, replied->agreement, false);
        exchange.answered = Answered{request_digest, context.reply};
        // The peer is authenticated, so message 2 is repeated by timer until message 3 comes.
        arm(exchange.retransmission, context.reply);
    } else if (const auto* completed = std::get_if<quick::Completed>(&exchange.state)) {
        if (exchange.initiator) {
            install(sa, exchange, completed->progress, completed->agreement, true);
            exchange.answered = Answered{request_digest, context.reply};
        } else {
            exchange.answered.reset();
            if (const auto found = exchange.made ? find_child(*exchange.made) : Found{};
                found.child != nullptr) {
                activate(*found.tunnel, *found.child);
            }
        }
        exchange.finished = true;
        exchange.expires = now_ + limits::finished_exchange_time;
    } else if (!context.reply.empty()) {
        arm(exchange.retransmission, context.reply);
    }
    if (!context.reply.empty()) {
        transmit(sa, std::move(context.reply));
    }
    if (exchange.finished && sa.peer != nullptr) {
        pursue(*sa.peer);
    }
}

void Engine::Impl::quick_failed(IkeSa& sa, Exchange& exchange, const std::string& why, bool refused) {
    exchange.finished = true;
    exchange.expires = now_ + limits::finished_exchange_time;
    exchange.answered.reset();
    exchange.retransmission.reset();
    auto& peer = *sa.peer;
    auto* tunnel = tunnel_of(peer, exchange.tunnel);
    if (exchange.made && tunnel != nullptr) {
        remove_child(peer, *tunnel, *exchange.made, why, false);
    }
    peer.last_error = why;
    peer.last_error_at = now_;
    if (tunnel == nullptr || !exchange.initiator) {
        return;
    }
    ++tunnel->failures;
    const Duration pause = std::min<Duration>(
        limits::retry_max, limits::retry_first * (1LL << std::min(tunnel->failures + 1, 10U)));
    tunnel->next_attempt = now_ + jittered(pause, 250);
    // A renewal that failed is still due.
    tunnel->rekey_due = tunnel->carrier() != nullptr;
    if (tunnel->carrier() == nullptr) {
        tunnel->why_down = why;
        if (tunnel->config->start != config::StartAction::start) {
            tunnel->wanted = false;
        }
    }
    report(refused ? EventCode::phase2_refused : EventCode::phase2_no_answer, tunnel->config->display_name,
           {{"remote", sa.remote.text()},
            {"local", tunnel->config->local.text()},
            {"remote_net", tunnel->config->remote.text()},
            {"why", why},
            {"next", tunnel->wanted
                         ? fmt::format("trying again in {:.0f} s", seconds_of(*tunnel->next_attempt - now_))
                         : "waiting for traffic or for the peer"}});
    command_failed(peer, tunnel, why);
    if (refused && tunnel->failures % phase1_anew_after == 0) {
        // Perhaps it is Phase 1 that the two ends understood differently: whether there is a NAT is agreed
        // there, and nothing authenticates it (RFC 3947 3.2).
        close_ike_sa(sa, "the peer refuses the tunnel under it", true);
        pursue(peer);
    }
}

void Engine::Impl::install(IkeSa& sa, Exchange& exchange, const quick::QuickProgress& progress,
                           const quick::SharedAgreement& agreement, bool outbound) {
    auto& peer = *sa.peer;
    auto* tunnel = tunnel_of(peer, progress.tunnel->display_name);
    if (tunnel == nullptr) {
        return;
    }
    const auto& choice = agreement->choice;
    auto pair = std::make_shared<sa::SaPair>();
    pair->id = sa::SaId{next_sa_id_++};
    pair->reqid = tunnel->config->reqid;
    pair->name = tunnel->config->display_name;
    pair->cipher = choice.cipher;
    pair->integrity = choice.integrity;
    pair->inbound = {agreement->inbound.spi, agreement->inbound.encryption_key.clone(),
                     agreement->inbound.integrity_key.clone()};
    pair->outbound = {agreement->outbound.spi, agreement->outbound.encryption_key.clone(),
                      agreement->outbound.integrity_key.clone()};
    pair->local = tunnel->config->local;
    pair->remote = tunnel->config->remote;
    pair->local_outer = sa.local;
    pair->remote_outer = sa.remote;
    pair->encapsulation =
        choice.mode == isakmp::EncapsulationMode::tunnel ? sa::Encapsulation::none : sa::Encapsulation::udp;
    if (pair->encapsulation == sa::Encapsulation::udp && sa.local.port == 500) {
        // A peer that saw a NAT and stayed on port 500: ESP goes by the other one (RFC 3948 2.1).
        pair->local_outer.port = 4500;
        pair->remote_outer.port = 4500;
    }
    pair->replay_window = model_->options.replay_window;
    pair->hard_kilobytes = agreement->lifetime.kilobytes;
    pair->copy_dscp = model_->options.copy_dscp;
    ChildSa child;
    child.number = next_child_number_++;
    child.remote = pair->remote_outer;
    child.suite = choice.text();
    child.initiator = exchange.initiator;
    child.begun = exchange.begun;
    child.installed = ++steps_;
    child.established = now_;
    child.nonces = progress.ni_b;
    append(child.nonces, progress.nr_b);
    const Duration whole = std::chrono::seconds(agreement->lifetime.seconds);
    const Duration margin =
        std::min<Duration>(whole * limits::rekey_margin_permille / 1000, limits::rekey_margin_max);
    child.expires = now_ + whole;
    if (peer.config->rekey) {
        child.rekey_at =
            now_ + whole - jittered(margin, limits::rekey_jitter_permille) / (exchange.initiator ? 1 : 2);
    }
    child.pair = pair;
    exchange.made = pair->id;
    if (agreement->lifetime_adopted) {
        report(EventCode::lifetime_adopted, tunnel->config->display_name,
               {{"remote", sa.remote.text()},
                {"seconds", std::to_string(agreement->lifetime.seconds)},
                {"ours", std::to_string(tunnel->config->lifetime.seconds)}});
    }
    if (tunnel->sas.size() >= limits::child_sas_per_tunnel) {
        remove_child(peer, *tunnel, tunnel->sas.front().pair->id, "too many SA pairs for this tunnel", true);
    }
    const auto* carrier = tunnel->carrier();
    const bool wait = outbound && carrier != nullptr && !carrier->deleted && !tunnel->carrier_doubted &&
                      carrier->pair->local_outer.address == sa.local.address &&
                      carrier->pair->remote_outer.address == sa.remote.address;
    if (wait) {
        child.activate_at = now_ + limits::activation_delay;
    }
    tunnel->sas.push_back(std::move(child));
    outputs_.push_back(InstallSa{pair, outbound && !wait});
    if (outbound && !wait) {
        activate(*tunnel, tunnel->sas.back());
    }
}

// Which of two pairs of a tunnel goes. The one that stood before the other's Quick Mode began is replaced;
// its partner may see that differently by the time that a message takes, but never the other way round. Two
// that were made at the same time both stand for longer; then the one with the lesser Ni_b | Nr_b is deleted,
// by its initiator, which asks again whether the other one is still there. A peer that is no causeway has
// rules of its own: with it both stay until they are renewed or end.
void Engine::Impl::retire_one(const TunnelRun& tunnel, ChildSa& a, ChildSa& b) {
    const auto retire = [&](ChildSa& old, const ChildSa& newer) {
        // It goes on receiving for a while: packets are still under way, and the peer may have been slower to
        // change. Who began the renewal is the first to delete.
        const Duration grace = limits::replaced_grace * (newer.initiator ? 2 : 3) / 2;
        old.replaced = true;
        old.rekey_at.reset();
        if (!old.remove_at || now_ + grace < *old.remove_at) {
            old.remove_at = now_ + grace;
            old.in_favour_of = newer.pair->id;
        }
    };
    if (a.installed < b.begun) {
        retire(a, b);
    } else if (b.installed < a.begun) {
        retire(b, a);
    } else if (tunnel.nonces_decide) {
        ChildSa& lesser = a.nonces < b.nonces ? a : b;
        if (lesser.initiator && !lesser.remove_at) {
            lesser.remove_at = now_ + limits::replaced_grace * 2;
            lesser.in_favour_of = (&lesser == &a ? b : a).pair->id;
        }
    }
}

void Engine::Impl::activate(TunnelRun& tunnel, ChildSa& child) {
    const bool was_up = tunnel.carrier() != nullptr;
    child.activate_at.reset();
    child.followed = ++steps_;
    tunnel.carrier_doubted = false;
    if (!child.outbound) {
        child.outbound = true;
        outputs_.push_back(ActivateOutbound{child.pair->id});
    }
    for (auto& other : tunnel.sas) {
        if (other.pair->id != child.pair->id) {
            retire_one(tunnel, child, other);
        }
    }
    if (const auto* best = tunnel.carrier(); best != nullptr && best->pair->id != child.pair->id) {
        outputs_.push_back(ActivateOutbound{best->pair->id});
    }
    tunnel.down_since.reset();
    tunnel.why_down.clear();
    tunnel.failures = 0;
    tunnel.next_attempt.reset();
    tunnel.rekey_due = false;
    report(
        was_up ? EventCode::phase2_rekeyed : EventCode::phase2_established, tunnel.config->display_name,
        {{"local", tunnel.config->local.text()},
         {"remote", tunnel.config->remote.text()},
         {"suite", child.suite},
         {"spi_in", fmt::format("{:08x}", child.pair->inbound.spi)},
         {"spi_out", fmt::format("{:08x}", child.pair->outbound.spi)},
         {"rekey", child.rekey_at ? fmt::format("{:.0f} s", seconds_of(*child.rekey_at - now_)) : "never"}});
}

void Engine::Impl::remove_child(PeerRun& peer, TunnelRun& tunnel, sa::SaId id, const std::string& why,
                                bool tell_peer) {
    const auto child = std::find_if(tunnel.sas.begin(), tunnel.sas.end(),
                                    [&](const ChildSa& one) { return one.pair->id == id; });
    if (child == tunnel.sas.end()) {
        return;
    }
    if (tell_peer) {
        if (auto* sa = usable_sa(peer); sa != nullptr) {
            send_delete_esp(*sa, child->pair->inbound.spi);
        }
    }
    const bool carried = tunnel.carrier() == &*child;
    outputs_.push_back(RemoveSa{id});
    tunnel.sas.erase(child);
    if (carried && tunnel.carrier() == nullptr) {
        // A peer that deletes early: what was to follow in a moment follows now.
        const auto waiting = std::find_if(tunnel.sas.begin(), tunnel.sas.end(),
                                          [](const ChildSa& one) { return one.activate_at.has_value(); });
        if (waiting != tunnel.sas.end()) {
            return activate(tunnel, *waiting);
        }
    }
    const auto* next = tunnel.carrier();
    for (auto& other : tunnel.sas) {
        // What was to go in its favour goes in that of the one that carries now, or stays.
        if (other.in_favour_of == id && !other.deleted) {
            other.in_favour_of.reset();
            if (next != nullptr && next != &other && !next->replaced) {
                other.in_favour_of = next->pair->id;
            } else {
                other.remove_at.reset();
            }
        }
    }
    if (carried && next != nullptr) {
        outputs_.push_back(ActivateOutbound{next->pair->id});
        if (next->replaced) {
            // Better than nothing; but the peer may have forgotten it, or have left where it sends to.
            tunnel.rekey_due = true;
            tunnel.carrier_doubted = true;
            // Both ends may fall back to it; who made it renews it.
            tunnel.next_attempt =
                next->initiator ? std::nullopt : std::optional(now_ + limits::let_peer_call);
        }
    } else if (carried) {
        tunnel.down_since = now_;
        tunnel.why_down = why;
        report(
            EventCode::phase2_closed, tunnel.config->display_name,
            {{"local", tunnel.config->local.text()}, {"remote", tunnel.config->remote.text()}, {"why", why}});
    }
}

void Engine::Impl::tunnel_lost(PeerRun& peer, TunnelRun& tunnel, const std::string& why,
                               config::LossAction action) {
    if (tunnel.carrier() != nullptr) {
        return;
    }
    if (!tunnel.down_since) {
        tunnel.down_since = now_;
    }
    tunnel.why_down = why;
    if (action != config::LossAction::restart || tunnel.config->start != config::StartAction::start) {
        tunnel.wanted = tunnel.wanted && action == config::LossAction::restart;
    }
    if (!peer.next_attempt) {
        peer.next_attempt = now_ + jittered(limits::retry_first, 250);
    }
}

}  // namespace causeway::ike
