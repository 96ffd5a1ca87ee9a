// Phase 1 in both roles: messages to their ISAKMP SA, and what follows success and failure.
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/ports.hpp"
#include "ike/engine/impl.hpp"
#include "negotiation/lifetime.hpp"

namespace causeway::ike {

using config::ExchangeMode;

v1::Context Engine::Impl::context_for(const IkeSa& sa) {
    v1::Context context{random_, sa.local, sa.remote};
    if (sa.peer != nullptr) {
        // RFC 2407 4.6.3.3: only when there is really no other SA with this peer, begun or finished, by
        // either side. A message 1 alone is none: anybody can write that in its name.
        const bool other_ike = std::any_of(sas_.begin(), sas_.end(), [&](const auto& other) {
            return !other->dead && other.get() != &sa &&
                   (other->peer == sa.peer || (other->peer == nullptr && other->round_trip &&
                                               other->remote.address == sa.remote.address));
        });
        const bool children = std::any_of(sa.peer->tunnels.begin(), sa.peer->tunnels.end(),
                                          [](const auto& tunnel) { return !tunnel->sas.all().empty(); });
        context.initial_contact = !other_ike && !children;
    }
    return context;
}

void Engine::Impl::start_phase1(Peer& peer, const Path& path, std::optional<unsigned> replaces) {
    auto owned = std::make_unique<IkeSa>(random_);
    IkeSa& sa = *owned;
    sa.number = next_ike_number_++;
    sa.initiator = true;
    assign(sa, &peer);
    sa.model = model_;
    sa.local = {path.local, ike_port};
    sa.remote = {path.remote, ike_port};
    sa.created = now_;
    // Renewed SAs speak from where they were last heard (RFC 3947 4: later exchanges stay on the floated
    // ports).
    if (replaces) {
        for (const auto& old : sas_) {
            if (old->number == *replaces && !old->dead) {
                sa.local = old->local;
                sa.remote = old->remote;
            }
        }
    }
    sa.replaces = replaces;
    // The retransmissions end an attempt; this bound is for attempts stuck in Diffie-Hellman.
    sa.expires = now_ + limits::half_open_time * 4;
    ++peer.negotiations;
    peer.calls_since.reset();
    sas_.push_back(std::move(owned));
    report(EventCode::phase1_initiating, peer.name,
           {{"mode", std::string(name_of(peer.config->mode))}, {"remote", sa.remote.text()}});
    const auto context = context_for(sa);
    v1::Effects effects{sa.remote};
    if (peer.config->mode == ExchangeMode::main) {
        sa.phase = v1::main_mode::begin(*peer.config, context, effects);
    } else {
        const auto groups = negotiation::offered_groups(peer.config->proposals);
        sa.phase = v1::aggressive_mode::begin(
            *peer.config,
            groups.empty() ? crypto::GroupId::modp1024 : groups[peer.groups.turn(groups.size())], context,
            effects);
    }
    sa.cky_i = sa.progress().cky_i;
    after_phase1_step(sa, effects, {});
}

template <class In>
Result<void> Engine::Impl::advance_phase1(IkeSa& sa, const In& input, const v1::Context& context,
                                          v1::Effects& effects) {
    std::optional<Phase1> next;
    auto arrow = [&](const auto& state) -> Result<void> {
        if constexpr (requires { advance(state, input, context, effects); }) {
            next = CAUSEWAY_TRY(advance(state, input, context, effects));
            return {};
        } else {
            return fail(Errc::cancelled, "not awaited in this state");
        }
    };
    CAUSEWAY_CHECK(std::visit(arrow, sa.phase));
    // Only now the old state is gone: a message that fails leaves everything as it was.
    sa.phase = std::move(*next);
    return {};
}

void Engine::Impl::phase1_message(IkeSa& sa, const Datagram& datagram, const v1::Message& message) {
    const Bytes digest = digest_of(message.datagram);
    for (const auto& answered : sa.answered) {
        if (answered.request_digest == digest) {
            // A repeated request gets the same answer again, once for each repetition, and changes nothing.
            // Who began stays on the ports where its last message went (RFC 3947 4), wherever the request
            // came from.
            ++messages_out_;
            outputs_.push_back(Transmit{sa.initiator ? sa.local : datagram.local,
                                        sa.initiator ? sa.remote : datagram.remote, answered.reply});
            return;
        }
    }
    if (sa.established() != nullptr || digest == sa.pending_request_digest) {
        return report_ignored(datagram.remote, "a Phase 1 message that came too late");
    }
    if (message.header.exchange != v1::phase1_header(sa.progress()).exchange) {
        return report_ignored(datagram.remote, "another exchange type than the one that was begun");
    }
    const bool is_message_3 = std::holds_alternative<v1::main_mode::SaReplied>(sa.phase);
    if (is_message_3 && !may_compute(sa)) {
        return tell_limit(sa.remote, "Diffie-Hellman for message 3");
    }
    auto context = context_for(sa);
    context.local = datagram.local;
    context.remote = datagram.remote;
    context.trial_allowance = trials_left(sa);
    v1::Effects effects{datagram.remote};
    const auto step = advance_phase1(sa, message, context, effects);
    count_trials(sa, effects);
    if (!step) {
        return phase1_step_failed(sa, {datagram.local, datagram.remote}, effects, step.error());
    }
    if (is_message_3) {
        has_shown_itself(sa);
    }
    sa.answered_from_peer = true;
    sa.request_octets = message.datagram.size();
    if (sa.cky_r == isakmp::Cookie{}) {
        sa.cky_r = sa.progress().cky_r;
    }
    if (sa.established() != nullptr) {
        // Authenticated: from now on this is where the peer is.
        sa.local = datagram.local;
        sa.remote = datagram.remote;
    }
    after_phase1_step(sa, effects, digest);
}

void Engine::Impl::phase1_dh_done(IkeSa& sa, const v1::DhResult* dh, const std::string& error) {
    const auto context = context_for(sa);
    v1::Effects effects{sa.remote};
    const auto go_back = [&] {
        // The peer's value came in clear and may be forged: wait for another one.
        if (auto* main = std::get_if<v1::main_mode::AgreePending>(&sa.phase)) {
            auto before = std::move(main->before);
            sa.phase = std::move(before);
        } else if (auto* main_r = std::get_if<v1::main_mode::ResponderKeyPending>(&sa.phase)) {
            auto before = std::move(main_r->before);
            sa.phase = std::move(before);
        } else if (auto* aggressive = std::get_if<v1::aggressive_mode::AgreePending>(&sa.phase)) {
            auto before = std::move(aggressive->before);
            sa.phase = std::move(before);
            sa.cky_r = {};
        } else {
            return false;
        }
        sa.pending_request_digest.clear();
        if (sa.retransmission) {
            sa.retransmission->next = now_ + sa.retransmission->interval;
        }
        return true;
    };
    if (dh == nullptr) {
        report(EventCode::message_malformed, sa.peer != nullptr ? sa.peer->name : std::string{},
               {{"remote", sa.remote.text()}, {"why", "its Diffie-Hellman value is refused: " + error}});
        if (!go_back() && sa.initiator) {
            phase1_failed(sa, finding<FindingId::dh_failed>(field<"why">(error)));
        }
        return;  // as responder of Aggressive Mode the exchange keeps its place: it has cost what others cost
    }
    const auto step = advance_phase1(sa, *dh, context, effects);
    key_trials_ += effects.trials;
    if (!step) {
        const bool back = go_back();
        phase1_step_failed(sa, {context.local, context.remote}, effects, step.error());
        if (!back && !sa.dead) {
            phase1_failed(sa, finding_of(effects, step.error()));
        }
        return;
    }
    Bytes request_digest = std::move(sa.pending_request_digest);
    sa.pending_request_digest.clear();
    after_phase1_step(sa, effects, request_digest);
}

void Engine::Impl::after_phase1_step(IkeSa& sa, v1::Effects& effects, const Bytes& request_digest) {
    tell(effects);
    const auto& progress = sa.progress();
    // RFC 3947 4: once a NAT is seen, the initiator goes to port 4500, in message 5 (Main) or 3 (Aggressive).
    const bool authenticating =
        std::holds_alternative<v1::main_mode::AuthSent>(sa.phase) || sa.established() != nullptr;
    if (sa.initiator && authenticating && progress.nat.any() && sa.local.port == ike_port) {
        sa.local.port = nat_t_port;
        sa.remote.port = nat_t_port;
    }
    if (effects.dh) {
        sa.pending_request_digest = request_digest;
        start_dh(sa, nullptr, std::move(*effects.dh));
    }
    if (!sa.initiator && sa.established() == nullptr &&
        effects.reply.size() > limits::answer_per_request * sa.request_octets) {
        report(EventCode::limit_reached, {},
               {{"what", fmt::format("an answer of {} octets to a message of {} from {}",
                                     effects.reply.size(), sa.request_octets, sa.remote.text())},
                {"next", "it is not sent"}});
        sa.dead = true;
        return;
    }
    if (!effects.reply.empty()) {
        const bool last_of_initiator = sa.initiator && sa.established() != nullptr;
        if (!request_digest.empty() && (!sa.initiator || last_of_initiator)) {
            // The last two answers are kept: an older repetition may still be under way.
            if (sa.answered.size() == 2) {
                sa.answered.erase(sa.answered.begin());
            }
            sa.answered.push_back({request_digest, effects.reply});
        }
        if (sa.initiator && sa.established() == nullptr) {
            // RFC 2408 5.1; a responder of Phase 1 never repeats by timer: its peer has proved nothing yet.
            arm(sa.retransmission, effects.reply);
        }
        transmit(sa, std::move(effects.reply));
    }
    if (sa.established() != nullptr) {
        on_established(sa);
    }
}

void Engine::Impl::phase1_step_failed(IkeSa& sa, const Place& place, v1::Effects& effects,
                                      const Error& error) {
    const bool explained = !effects.events.empty();
    tell(effects);
    if (effects.trials_refused) {
        return tell_limit(place.remote, error.what);
    }
    if (!explained) {
        cannot_read(place.remote, error);
    }
    const auto why = finding_of(effects, error);
    if (sa.peer != nullptr && explained) {
        remember_error(*sa.peer, why);
    }
    isakmp::Header about;
    about.cky_i = sa.cky_i;
    about.cky_r = sa.cky_r;
    if (!sa.initiator || effects.complaint_keys) {
        complain(&sa, place, about, effects);
    }
    // Who writes message 3 gets what we send, and may do better; who answers us may be anybody.
    const bool hopeless =
        effects.value_refused && !sa.initiator && ++sa.refused_values >= limits::refused_values;
    if (effects.fatal || hopeless) {
        phase1_failed(sa, why);
    } else if (sa.peer != nullptr && explained && sa.initiator) {
        sa.hint = why;
    }
}

void Engine::Impl::phase1_failed(IkeSa& sa, const Finding& why) {
    if (sa.dead) {
        return;
    }
    sa.dead = true;
    unproved(sa);
    if (sa.peer != nullptr && sa.initiator) {
        attempt_failed(*sa.peer, why, offer_next_group(*sa.peer, sa.proposal_refused));
    }
}

/// The shorter lifetime counts, and what the peer asked for beside its transform (RFC 2407 4.6.3.1).
void Engine::Impl::adopt_lifetimes(IkeSa& sa, bool nat_settled) {
    const auto& done = *sa.established();
    auto& peer = *sa.peer;
    auto lifetime = done.progress.peer->lifetime;
    const auto adopt = [&](const config::Lifetime& theirs) {
        const auto agreed = negotiation::agree_lifetime(lifetime, theirs);
        if (agreed.adopted) {
            report(EventCode::lifetime_adopted, peer.name,
                   {{"remote", sa.remote.text()},
                    {"seconds", std::to_string(agreed.lifetime.seconds)},
                    {"ours", std::to_string(lifetime.seconds)}});
        }
        lifetime = agreed.lifetime;
    };
    adopt(done.progress.choice->lifetime);
    if (done.responder_lifetime) {
        adopt(*done.responder_lifetime);
    }
    set_life(sa, std::chrono::seconds(lifetime.seconds));
    if (sa.rekey_at && !nat_settled) {
        sa.rekey_at = now_ + limits::nat_doubted;
    }
}

void Engine::Impl::start_liveness(IkeSa& sa) {
    const auto& done = *sa.established();
    const auto& config = *done.progress.peer;
    auto& peer = *sa.peer;
    if (done.progress.features.dpd && config.liveness.enabled) {
        sa.dpd.sequence = random_.u32() & 0x7fffffff;
        sa.dpd.next = now_ + config.liveness.idle;
    }
    if (done.progress.nat.local) {
        sa.next_keepalive = now_ + limits::nat_keepalive;
        report(EventCode::nat_detected, peer.name,
               {{"where", done.progress.nat.remote ? "at both ends" : "at our end"}});
    } else if (done.progress.nat.remote) {
        report(EventCode::nat_detected, peer.name, {{"where", "at the peer's end"}});
    }
}

/// One of the peer's addresses has answered: the others of its name are called no more.
void Engine::Impl::call_no_more(const Peer& peer) {
    for (auto& other : sas_) {
        if (other->peer == &peer && other->initiator && other->established() == nullptr &&
            !other->answered_from_peer) {
            other->dead = true;
        }
    }
}

void Engine::Impl::renew_children(const IkeSa& sa, bool was_suspected) {
    for (auto& tunnel : sa.peer->tunnels) {
        // What carries it was made with a peer that has moved or forgotten it.
        if (was_suspected && sa.initiator) {
            tunnel->retries.try_at(std::nullopt);  // it answers again: pauses were for its silence
            if (tunnel->carrier() != nullptr) {
                tunnel->retries.renew();
                tunnel->sas.doubt_carrier();
            }
        }
        if (tunnel->missing() && tunnel->retries.failures() == 0) {
            // The initiator of Phase 1 has a tunnel in mind and begins at once; beginning too would make two.
            tunnel->retries.try_at(sa.initiator ? std::nullopt
                                                : std::optional(now_ + limits::let_peer_begin));
        }
    }
}

void Engine::Impl::on_established(IkeSa& sa) {
    const auto& done = *sa.established();
    assign(sa, find_peer(done.progress.peer->name));
    if (sa.peer == nullptr) {
        sa.dead = true;
        return;
    }
    auto& peer = *sa.peer;
    const bool nat_settled = settle_nat(sa);
    sa.retransmission.reset();
    sa.established_at = now_;
    sa.last_heard = now_;
    ++peer.established;
    peer.calls_since.reset();
    peer.refusal.reset();
    if (!sa.initiator) {
        peer.phase1_begun.spend(now_, limits::peers_phase1_interval);
    }
    group_agreed(peer, done.progress.choice->group);
    peer.failures = 0;
    peer.next_attempt.reset();
    peer.whereabouts.showed_life();
    adopt_lifetimes(sa, nat_settled);
    start_liveness(sa);
    report(EventCode::phase1_established, peer.name,
           {{"remote", sa.remote.text()},
            {"remote_id", done.remote_id.text()},
            {"suite", done.progress.choice->text()},
            {"nat", done.progress.nat.any() ? "NAT traversal" : "no NAT"},
            {"rekey", sa.rekey_at ? fmt::format("{:.0f} s", seconds_of(*sa.rekey_at - now_)) : "never"}});
    if (done.initial_contact) {
        initial_contact(sa);
    }
    for (auto& tunnel : peer.tunnels) {
        perform(peer, *tunnel, tunnel->sas.set_partner(partner_of(peer)));
    }
    own_names_.doubt();
    const bool was_moving = std::exchange(peer.moving, false);
    const bool was_suspected = set_suspected(peer, false) || was_moving;
    peer.whereabouts.reached();
    call_no_more(peer);
    if (was_suspected) {
        ask_again(sa);
    }
    supersede(sa);
    move_children_to(sa);
    using enum Whereabouts::Caller;
    perform(peer, peer.whereabouts.is_at({sa.remote.address, sa.local.address},
                                         sa.initiator ? we : peer_itself, situation(peer)));
    renew_children(sa, was_suspected);
    pursue(peer);
}

}  // namespace causeway::ike
