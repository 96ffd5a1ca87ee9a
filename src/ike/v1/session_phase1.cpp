// Phase 1 in both roles: messages to its state, and what follows success and failure.
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/findings.hpp"
#include "base/ports.hpp"
#include "ike/v1/session.hpp"

namespace causeway::ike::v1 {

Context Session::context() const {
    Context context{owner_.random(), local(), remote()};
    // RFC 2407 4.6.3.3: only when there is really no other SA with this peer.
    context.initial_contact = owner_.peer() != nullptr && owner_.is_alone();
    return context;
}

void Session::call(crypto::GroupId group) {
    const auto& peer = *owner_.peer();
    const auto here = context();
    Effects effects{remote()};
    report(EventCode::phase1_initiating, peer.name,
           {{"mode", std::string(name_of(peer.mode))}, {"remote", remote().text()}});
    phase1_.begin(peer, group, here, effects);
    set_spis(progress().cky_i, {});
    after_phase1_step(effects, {});
}

bool Session::answer(const Datagram& datagram, const negotiation::Candidates& candidates) {
    const auto message = read_message(datagram.payload);
    if (!message) {
        tell(session::Malformed{datagram.remote, message.error()});
        return false;
    }
    const Context here{owner_.random(), local(), remote()};
    Effects effects{remote()};
    if (const auto begun = respond(candidates, *message, here, effects); !begun) {
        tell_all(effects);
        if (effects.trials_refused) {
            tell(session::OverLimit{remote(), begun.error().what});
            return false;
        }
        caller_refused(remote(), effects);
        if (effects.events.empty()) {
            report(EventCode::message_malformed, {},
                   {{"remote", remote().text()}, {"why", begun.error().what}});
        }
        // Never a responder cookie of ours for an exchange that does not exist (CVE-2023-30570).
        isakmp::Header about;
        about.cky_i = message->header.cky_i;
        complain(place(), about, effects);
        return false;
    }
    set_spis(progress().cky_i, progress().cky_r);
    requests_.read(message->datagram.size());
    first_answer_ =
        std::make_unique<FirstAnswer>(FirstAnswer{std::move(effects), digest_of(message->datagram)});
    return true;
}

void Session::proceed() {
    const auto first = std::move(first_answer_);
    after_phase1_step(first->effects, first->request_digest);
}

Result<void> Session::respond(const negotiation::Candidates& candidates, const Message& message,
                              const Context& context, Effects& effects) {
    CAUSEWAY_CHECK(phase1_.respond(candidates, message, context, effects));
    if (mode() == config::ExchangeMode::main) {
        return {};
    }
    if (effects.dh && !owner_.may_compute(mode())) {
        effects.trials_refused = true;
        return fail(Errc::limit, "Diffie-Hellman for Aggressive Mode");
    }
    if (effects.dh) {
        owner_.computes(mode());
    }
    return {};
}

template <class In>
Result<void> Session::advance_phase1(const In& input, const Context& context, Effects& effects) {
    CAUSEWAY_CHECK(phase1_.advance(input, context, effects));
    if (done() != nullptr) {
        set_established();
    }
    return {};
}

/// A repeated request gets the same answer again, once for each repetition, and changes nothing. Who began stays on the
/// ports where its last message went (RFC 3947 4), wherever the request came from. False: it is none.
bool Session::repeat_answer(const Datagram& datagram, const Bytes& digest) {
    const auto* reply = requests_.answer_to(digest);
    if (reply == nullptr) {
        return false;
    }
    repeat(initiator() ? place() : Place{datagram.local, datagram.remote}, *reply);
    return true;
}

void Session::phase1_message(const Datagram& datagram, const Message& message) {
    const Bytes digest = digest_of(message.datagram);
    if (repeat_answer(datagram, digest)) {
        return;
    }
    if (established() || requests_.is_pending(digest)) {
        return ignore(datagram.remote, "a Phase 1 message that came too late");
    }
    if (message.header.exchange != phase1_header(progress()).exchange) {
        return ignore(datagram.remote, "another exchange type than the one that was begun");
    }
    const bool is_message_3 = phase1_.awaits_message_3();
    if (is_message_3 && !owner_.may_compute(mode())) {
        return tell(session::OverLimit{remote(), "Diffie-Hellman for message 3"});
    }
    const Place from{datagram.local, datagram.remote};
    auto here = context();
    here.local = from.local;
    here.remote = from.remote;
    here.trial_allowance = owner_.trials_left();
    Effects effects{from.remote};
    const auto step = advance_phase1(message, here, effects);
    tell(session::KeysDerived{effects.trials, true});
    if (!step) {
        return phase1_step_failed(from, effects, step.error());
    }
    if (is_message_3) {
        set_round_trip();
        tell(session::ShownItself{});
    }
    set_answered();
    requests_.read(message.datagram.size());
    if (spi_r() == isakmp::Cookie{}) {
        set_spis(spi_i(), progress().cky_r);
    }
    if (established()) {
        move(from);  // authenticated: from now on this is where the peer is
    }
    after_phase1_step(effects, digest);
}

/// The peer's value came in clear and may be forged: another one is waited for. False: nothing is left to wait for.
bool Session::go_back() {
    if (!phase1_.go_back()) {
        return false;
    }
    set_spis(spi_i(), progress().cky_r);
    requests_.forget_pending();
    if (retransmission_) {
        retransmission_->wait_anew(now());
    }
    return true;
}

void Session::phase1_dh_done(const DhResult* dh, const std::string& error) {
    if (dh == nullptr) {
        report(EventCode::message_malformed, peer_name(),
               {{"remote", remote().text()}, {"why", "its Diffie-Hellman value is refused: " + error}});
        if (!go_back() && initiator()) {
            failed(finding<FindingId::dh_failed>(field<"why">(error)));
        }
        return;  // as responder of Aggressive Mode the exchange keeps its place: it has cost what others cost
    }
    const auto here = context();
    Effects effects{remote()};
    const auto step = advance_phase1(*dh, here, effects);
    tell(session::KeysDerived{effects.trials, false});
    if (!step) {
        const bool back = go_back();
        phase1_step_failed(place(), effects, step.error());
        if (!back && !owner_.over()) {
            failed(finding_of(effects, step.error()));
        }
        return;
    }
    const Bytes request_digest = requests_.take_pending();
    after_phase1_step(effects, request_digest);
}

void Session::after_phase1_step(Effects& effects, const Bytes& request_digest) {
    tell_all(effects);
    // RFC 3947 4: once a NAT is seen, the initiator goes to port 4500, in message 5 (Main) or 3 (Aggressive).
    if (initiator() && phase1_.has_authenticated() && progress().nat.any() && local().port == ike_port) {
        move({{local().address, nat_t_port}, {remote().address, nat_t_port}});
    }
    if (effects.dh) {
        requests_.await_dh(request_digest);
        start_dh(dh_tag_of_phase1, std::move(*effects.dh));
    }
    if (!initiator() && !established() && !requests_.admits(effects.reply)) {
        report(EventCode::limit_reached, {},
               {{"what", fmt::format("an answer of {} octets to a message of {} from {}",
                                     effects.reply.size(), requests_.octets(), remote().text())},
                {"next", "it is not sent"}});
        return tell(session::Dropped{});
    }
    if (!effects.reply.empty()) {
        const bool last_of_initiator = initiator() && established();
        if (!request_digest.empty() && (!initiator() || last_of_initiator)) {
            requests_.answered(request_digest, effects.reply);
        }
        if (initiator() && !established()) {
            // RFC 2408 5.1; a responder of Phase 1 never repeats by timer: its peer has proved nothing yet.
            retransmission_.emplace(effects.reply, now());
        }
        transmit(std::move(effects.reply));
    }
    if (established()) {
        on_established();
    }
}

void Session::phase1_step_failed(const Place& place, Effects& effects, const Error& error) {
    const bool explained = !effects.events.empty();
    tell_all(effects);
    if (effects.trials_refused) {
        return tell(session::OverLimit{place.remote, error.what});
    }
    if (!explained) {
        tell(session::Unreadable{place.remote, error});
    }
    const auto why = finding_of(effects, error);
    if (explained && initiator()) {
        tell(session::Erred{why});
    }
    caller_refused(place.remote, effects);
    if (!initiator() || effects.complaint_keys) {
        isakmp::Header about;
        about.cky_i = spi_i();
        about.cky_r = spi_r();
        complain(place, about, effects);
    }
    // Who writes message 3 gets what we send, and may do better; who answers us may be anybody.
    const bool hopeless = effects.value_refused && !initiator() && !requests_.may_do_better();
    if (effects.fatal || hopeless) {
        failed(why);
    } else if (explained && initiator()) {
        set_hint(why);
    }
}

/// Not proved where the message came in clear, or could not be read with our key.
void Session::caller_refused(const Endpoint& remote, const Effects& effects) {
    if (initiator() || !effects.finding || effects.events.empty()) {
        return;
    }
    auto why = *effects.finding;
    if (!effects.complaint_keys && why.certainty == Certainty::proved) {
        why.certainty = Certainty::likely;
    }
    tell(session::CallerRefused{remote, effects.events.back().subject, std::move(why)});
}

void Session::on_established() {
    const auto& all = *done();
    retransmission_.reset();
    session::Established told;
    told.peer = all.progress.peer->name;
    told.suite = all.progress.choice->text();
    told.group = all.progress.choice->group;
    told.own_lifetime = all.progress.peer->lifetime;
    told.their_lifetimes.push_back(all.progress.choice->lifetime);
    if (all.responder_lifetime) {
        told.their_lifetimes.push_back(*all.responder_lifetime);
    }
    told.liveness_wanted = all.progress.features.dpd && all.progress.peer->liveness.enabled;
    told.initial_contact = all.initial_contact;
    phase1_.shed();
    tell(std::move(told));
}

}  // namespace causeway::ike::v1
