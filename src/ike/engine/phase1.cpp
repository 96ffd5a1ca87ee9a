#include <algorithm>
#include <fmt/format.h>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

using config::ExchangeMode;

namespace {

/// Sources that count together against half_open_per_prefix: IPv4 /24, IPv6 /56.
Bytes prefix_of(const IpAddress& address) {
    return to_bytes(address.octets().first(address.is_v4() ? 3 : 7));
}

std::string mode_name(ExchangeMode mode) {
    return fmt::format("{} Mode", mode == ExchangeMode::main ? "Main" : "Aggressive");
}

}  // namespace

v1::Context Engine::Impl::context_for(const IkeSa& sa) {
    v1::Context context{random_, sa.local, sa.remote};
    if (sa.peer != nullptr) {
        // RFC 2407 4.6.3.3: only when there is really no other SA with this peer, begun or finished, by
        // either side.
        const bool other_ike = std::any_of(sas_.begin(), sas_.end(), [&](const auto& other) {
            return !other->dead && other.get() != &sa &&
                   (other->peer == sa.peer ||
                    (other->peer == nullptr && other->remote.address == sa.remote.address));
        });
        const bool children = std::any_of(sa.peer->tunnels.begin(), sa.peer->tunnels.end(),
                                          [](const auto& tunnel) { return !tunnel->sas.empty(); });
        context.initial_contact = !other_ike && !children;
    }
    return context;
}

std::vector<const config::Peer*> Engine::Impl::candidates_for(const IpAddress& remote) const {
    // First those whose address this is known to be, then those who may come from anywhere (a name may be
    // behind the times).
    std::vector<const config::Peer*> likely;
    std::vector<const config::Peer*> possible;
    for (const auto& peer : peers_) {
        bool known = leads_to(peer->paths, remote);
        bool dynamic = false;
        for (const auto& address : peer->config->addresses) {
            if (const auto* fixed = std::get_if<IpAddress>(&address.value)) {
                known = known || *fixed == remote;
            } else {
                dynamic = true;
            }
        }
        if (known) {
            likely.push_back(peer->config);
        } else if (dynamic) {
            possible.push_back(peer->config);
        }
    }
    likely.insert(likely.end(), possible.begin(), possible.end());
    return likely;
}

void Engine::Impl::start_phase1(PeerRun& peer, const Path& path, std::optional<unsigned> replaces) {
    auto owned = std::make_unique<IkeSa>(random_);
    IkeSa& sa = *owned;
    sa.number = next_ike_number_++;
    sa.initiator = true;
    assign(sa, &peer);
    sa.model = model_;
    sa.local = {path.local, 500};
    sa.remote = {path.remote, 500};
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
    peer.calls_until.reset();
    sas_.push_back(std::move(owned));
    report(EventCode::phase1_initiating, peer.name,
           {{"mode", mode_name(peer.config->mode)}, {"remote", sa.remote.text()}});
    auto context = context_for(sa);
    if (peer.config->mode == ExchangeMode::main) {
        sa.phase = v1::main_mode::begin(*peer.config, context);
    } else {
        const auto groups = negotiation::offered_groups(peer.config->proposals);
        sa.phase = v1::aggressive_mode::begin(
            *peer.config,
            groups.empty() ? crypto::GroupId::modp1024 : groups[peer.group_turn % groups.size()], context);
    }
    sa.cky_i = sa.progress().cky_i;
    after_phase1_step(sa, context, {});
}

void Engine::Impl::first_message(const Datagram& datagram, const v1::Message& message) {
    const bool main = message.header.exchange == isakmp::ExchangeType::main;
    if (shutting_down_ || message.header.encrypted()) {
        return report_ignored(datagram.remote, "no SA with these cookies");
    }
    if (message.datagram.size() > limits::first_message_octets) {
        return report_ignored(datagram.remote,
                              fmt::format("a first message of {} octets", message.datagram.size()));
    }
    std::size_t half_open = 0;
    std::size_t from_prefix = 0;
    for (const auto& sa : sas_) {
        if (!sa->dead && !sa->initiator && sa->established() == nullptr) {
            ++half_open;
            from_prefix += prefix_of(sa->remote.address) == prefix_of(datagram.remote.address) ? 1 : 0;
        }
    }
    if (half_open >= limits::half_open_total || from_prefix >= limits::half_open_per_prefix) {
        ++messages_ignored_;
        return report(EventCode::limit_reached, {},
                      {{"what", fmt::format("{} unfinished exchanges, {} of them from around {}", half_open,
                                            from_prefix, datagram.remote.address.text())},
                       {"next", "new ones from there are ignored until those end"}});
    }
    v1::Context context{random_, datagram.local, datagram.remote};
    const auto candidates = candidates_for(datagram.remote.address);
    who_may_it_be(datagram.remote.address);
    if (candidates.empty()) {
        report(EventCode::phase1_unknown_peer, {},
               {{"remote", datagram.remote.text()},
                {"mode", mode_name(main ? ExchangeMode::main : ExchangeMode::aggressive)},
                {"why", "no peer has this address"}});
        context.complaint = isakmp::NotifyType::no_proposal_chosen;
        return complain(nullptr, datagram.local, datagram.remote, message.header, context);
    }
    auto owned = std::make_unique<IkeSa>(random_);
    IkeSa& sa = *owned;
    sa.number = next_ike_number_;
    sa.model = model_;
    sa.local = datagram.local;
    sa.remote = datagram.remote;
    sa.created = now_;
    sa.expires = now_ + limits::half_open_time;
    std::optional<Error> error;
    if (main) {
        auto next = v1::main_mode::respond(candidates, message, context);
        if (next) {
            sa.phase = std::move(*next);
        } else {
            error = next.error();
        }
    } else {
        auto next = v1::aggressive_mode::respond(candidates, message, context);
        if (next) {
            sa.phase = std::move(*next);
        } else {
            error = next.error();
        }
    }
    if (error) {
        for (auto& event : context.events) {
            outputs_.push_back(Report{std::move(event)});
        }
        if (context.events.empty()) {
            report(EventCode::message_malformed, {},
                   {{"remote", datagram.remote.text()}, {"why", error->what}});
        }
        return complain(nullptr, datagram.local, datagram.remote, message.header, context);
    }
    ++next_ike_number_;
    sa.cky_i = sa.progress().cky_i;
    sa.cky_r = sa.progress().cky_r;
    sa.request_octets = message.datagram.size();
    sas_.push_back(std::move(owned));
    assign(sa, nullptr);
    for (auto& peer : peers_) {
        if (!peer->calls_until && (peer->paths.empty() || leads_to(peer->paths, sa.remote.address))) {
            peer->calls_until = now_ + limits::let_peer_call;
        }
    }
    after_phase1_step(sa, context, digest_of(message.datagram));
}

template <class In>
Result<void> Engine::Impl::advance_phase1(IkeSa& sa, const In& input, v1::Context& context) {
    std::optional<Phase1> next;
    auto arrow = [&](const auto& state) -> Result<void> {
        if constexpr (requires { advance(state, input, context); }) {
            next = CAUSEWAY_TRY(advance(state, input, context));
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
    auto context = context_for(sa);
    context.local = datagram.local;
    context.remote = datagram.remote;
    if (auto step = advance_phase1(sa, message, context); !step) {
        return phase1_step_failed(sa, context, step.error());
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
    after_phase1_step(sa, context, digest);
}

void Engine::Impl::phase1_dh_done(IkeSa& sa, const v1::DhResult* dh, const std::string& error) {
    auto context = context_for(sa);
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
        if (!go_back()) {
            phase1_failed(sa, "Diffie-Hellman failed: " + error);
        }
        return;
    }
    if (auto step = advance_phase1(sa, *dh, context); !step) {
        const bool back = go_back();
        phase1_step_failed(sa, context, step.error());
        if (!back && !sa.dead) {
            phase1_failed(sa, step.error().what);
        }
        return;
    }
    Bytes request_digest = std::move(sa.pending_request_digest);
    sa.pending_request_digest.clear();
    after_phase1_step(sa, context, request_digest);
}

void Engine::Impl::after_phase1_step(IkeSa& sa, v1::Context& context, const Bytes& request_digest) {
    for (auto& event : context.events) {
        outputs_.push_back(Report{std::move(event)});
    }
    const auto& progress = sa.progress();
    // RFC 3947 4: once a NAT is seen, the initiator goes to port 4500, in message 5 (Main) or 3 (Aggressive).
    const bool authenticating =
        std::holds_alternative<v1::main_mode::AuthSent>(sa.phase) || sa.established() != nullptr;
    if (sa.initiator && authenticating && progress.nat.any() && sa.local.port == 500) {
        sa.local.port = 4500;
        sa.remote.port = 4500;
    }
    if (context.dh) {
        sa.pending_request_digest = request_digest;
        start_dh(sa, nullptr, std::move(*context.dh));
    }
    if (!sa.initiator && sa.established() == nullptr &&
        context.reply.size() > limits::answer_per_request * sa.request_octets) {
        report(EventCode::limit_reached, {},
               {{"what", fmt::format("an answer of {} octets to a message of {} from {}",
                                     context.reply.size(), sa.request_octets, sa.remote.text())},
                {"next", "it is not sent"}});
        return phase1_failed(sa, {});
    }
    if (!context.reply.empty()) {
        const bool last_of_initiator = sa.initiator && sa.established() != nullptr;
        if (!request_digest.empty() && (!sa.initiator || last_of_initiator)) {
            // The last two answers are kept: an older repetition may still be under way.
            if (sa.answered.size() == 2) {
                sa.answered.erase(sa.answered.begin());
            }
            sa.answered.push_back({request_digest, context.reply});
        }
        if (sa.initiator && sa.established() == nullptr) {
            // RFC 2408 5.1; a responder of Phase 1 never repeats by timer: its peer has proved nothing yet.
            arm(sa.retransmission, context.reply);
        }
        transmit(sa, std::move(context.reply));
    }
    if (sa.established() != nullptr) {
        on_established(sa);
    }
}

void Engine::Impl::phase1_step_failed(IkeSa& sa, v1::Context& context, const Error& error) {
    const bool explained = !context.events.empty();
    for (auto& event : context.events) {
        outputs_.push_back(Report{std::move(event)});
    }
    if (!explained) {
        report_ignored(context.remote, error.what);
    }
    if (sa.peer != nullptr && explained) {
        sa.peer->last_error = error.what;
        sa.peer->last_error_at = now_;
    }
    isakmp::Header about;
    about.cky_i = sa.cky_i;
    about.cky_r = sa.cky_r;
    if (!sa.initiator || context.complaint_keys) {
        complain(&sa, context.local, context.remote, about, context);
    }
    if (context.fatal) {
        phase1_failed(sa, error.what);
    } else if (sa.peer != nullptr && explained && sa.initiator) {
        sa.hint = error.what;
    }
}

bool Engine::Impl::may_refuse(std::vector<Refusal>& said, const IpAddress& source, Duration interval) {
    std::erase_if(said, [&](const Refusal& refusal) { return refusal.at + interval <= now_; });
    const bool recent = std::any_of(said.begin(), said.end(),
                                    [&](const Refusal& refusal) { return refusal.source == source; });
    const auto around = std::count_if(said.begin(), said.end(), [&](const Refusal& refusal) {
        return prefix_of(refusal.source) == prefix_of(source);
    });
    if (recent || static_cast<std::size_t>(around) >= limits::refusals_per_prefix ||
        said.size() >= limits::refusal_sources) {
        return false;
    }
    said.push_back({source, now_});
    return true;
}

void Engine::Impl::complain(IkeSa* sa, const Endpoint& local, const Endpoint& remote,
                            const isakmp::Header& about, v1::Context& context) {
    if (!context.complaint) {
        return;
    }
    isakmp::Notification notification;
    notification.type = *context.complaint;
    const std::vector<isakmp::Payload> payloads{
        {isakmp::PayloadType::notification, isakmp::encode(notification)}};
    if (sa != nullptr && context.complaint_keys) {
        if (auto datagram = v1::make_informational(*context.complaint_keys, context.complaint_iv_block,
                                                   sa->cky_i, sa->cky_r, sa->message_ids.next(), payloads)) {
            transmit(*sa, std::move(*datagram));
        }
        return;
    }
    // In clear and to somebody who has proved nothing: once a minute and source, never longer than what came.
    if (!may_refuse(refusals_, remote.address, limits::refusal_interval)) {
        return;
    }
    isakmp::Header header;
    header.cky_i = about.cky_i;
    // Never a responder cookie of ours for an exchange that does not exist (CVE-2023-30570).
    header.cky_r = sa != nullptr ? about.cky_r : isakmp::Cookie{};
    header.exchange = isakmp::ExchangeType::informational;
    header.message_id = v1::new_message_id(random_);
    Bytes datagram = isakmp::encode_message(header, payloads);
    if (sa != nullptr) {
        return transmit(*sa, std::move(datagram), Place{local, remote});
    }
    ++messages_out_;
    outputs_.push_back(Transmit{local, remote, std::move(datagram)});
}

void Engine::Impl::phase1_failed(IkeSa& sa, const std::string& why) {
    if (sa.dead) {
        return;
    }
    sa.dead = true;
    if (sa.peer != nullptr && sa.initiator) {
        attempt_failed(*sa.peer, why, offer_next_group(*sa.peer, sa.proposal_refused));
    }
}

void Engine::Impl::on_established(IkeSa& sa) {
    const auto& done = *sa.established();
    const auto& config = *done.progress.peer;
    assign(sa, find_peer(config.name));
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
    peer.calls_until.reset();
    group_agreed(peer, done.progress.choice->group);
    peer.failures = 0;
    peer.next_attempt.reset();
    peer.silent_since.reset();
    auto lifetime = config.lifetime;
    const auto adopt = [&](const config::Lifetime& theirs) {
        if (theirs.seconds < lifetime.seconds) {
            report(EventCode::lifetime_adopted, peer.name,
                   {{"remote", sa.remote.text()},
                    {"seconds", std::to_string(theirs.seconds)},
                    {"ours", std::to_string(lifetime.seconds)}});
            lifetime.seconds = theirs.seconds;
        }
    };
    adopt(done.progress.choice->lifetime);
    if (done.responder_lifetime) {
        adopt(*done.responder_lifetime);
    }
    set_life(sa, std::chrono::seconds(lifetime.seconds));
    if (sa.rekey_at && !nat_settled) {
        sa.rekey_at = now_ + limits::nat_doubted;
    }
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
        const auto* carrier = tunnel->carrier();
        tunnel->nonces_decide = is_causeway(peer);
        if (const auto* now = tunnel->carrier(); now != carrier) {
            outputs_.push_back(ActivateOutbound{now->pair->id});
        }
    }
    own_names_stale_ = true;
    const bool was_moving = std::exchange(peer.moving, false);
    const bool was_suspected = std::exchange(peer.suspected, false) || was_moving;
    peer.own_change.reset();
    peer.next_path.reset();
    for (auto& other : sas_) {
        // Other addresses of its name are called no more.
        if (other->peer == &peer && other->initiator && other->established() == nullptr &&
            !other->answered_from_peer) {
            other->dead = true;
        }
    }
    if (was_suspected) {
        ask_again(sa);
    }
    supersede(sa);
    bring_children(sa);
    if (sa.initiator) {
        peer.way = Path{sa.remote.address, sa.local.address};
    } else if (!peer.way || peer.way->remote != sa.remote.address) {
        peer.way.reset();
        ask_for_way(peer, sa.remote.address);
    }
    if (!leads_to(peer.paths, sa.remote.address)) {
        // Where the peer really is comes before what its name says.
        peer.paths.insert(peer.paths.begin(), Path{sa.remote.address, sa.local.address});
        peer.path = 0;
    }
    for (auto& tunnel : peer.tunnels) {
        // What carries it was made with a peer that has moved or forgotten it.
        if (was_suspected && sa.initiator) {
            tunnel->next_attempt.reset();  // it answers again: pauses were for its silence
            if (tunnel->carrier() != nullptr) {
                tunnel->rekey_due = true;
                tunnel->carrier_doubted = true;
            }
        }
        if (tunnel->wanted && tunnel->carrier() == nullptr && tunnel->failures == 0) {
            // The initiator of Phase 1 has a tunnel in mind and begins at once; beginning too would make two.
            tunnel->next_attempt =
                sa.initiator ? std::nullopt : std::optional(now_ + std::chrono::seconds(3));
        }
    }
    pursue(peer);
}

}  // namespace causeway::ike
