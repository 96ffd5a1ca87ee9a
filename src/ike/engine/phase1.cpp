// Sessions that are not established yet: how ours begin, and what follows success and failure.
#include "negotiation/phase1.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/ports.hpp"
#include "ike/engine/impl.hpp"
#include "ike/engine/retrying.hpp"
#include "negotiation/lifetime.hpp"

namespace causeway::ike {

using Answer = OfferedGroups::Answer;

namespace {

/// What has no proof looks like another key, or like a port that is closed, and the peer was there with that key before: it
/// is loss that looks so, unless it goes on.
Finding believable(const Peer& peer, const Finding& why, const Endpoint& remote, unsigned tries,
                   const std::string& state) {
    const bool of_key = why.code() == Code::psk_differs || why.code() == Code::answers_stop_at_4500;
    if (!of_key || !key_has_worked(peer)) {
        return why;
    }
    return finding<FindingId::phase1_unanswered>(
        field<"remote">(remote.text()), field<"tries">(std::to_string(tries)), field<"state">(state));
}

}  // namespace

void Engine::Impl::on(IkeSa& sa, session::Dropped&&) {
    sa.end();
}

void Engine::Impl::on(IkeSa& sa, session::Failed&& failed) {
    phase1_failed(sa, failed.why);
}

void Engine::Impl::phase1_failed(IkeSa& sa, const Finding& why) {
    if (sa.over()) {
        return;
    }
    sa.end();
    unproved(sa);
    if (sa.peer != nullptr && sa.initiator()) {
        attempt_failed(
            *sa.peer, why,
            offer_next_group(*sa.peer, sa.session->offer_refused() ? Answer::refused : Answer::silence));
    }
}

/// Our message was sent as often as limits.hpp says, and nobody has answered it.
void Engine::Impl::on(IkeSa& sa, session::GaveUp&& gave_up) {
    auto& peer = *sa.peer;
    gave_up.why = believable(peer, gave_up.why, sa.remote(), gave_up.tries, gave_up.state);
    peer.whereabouts.fell_silent(now_);
    if (gave_up.said_before || sa.session->was_answered()) {
        peer.far_end.answers();
    } else {
        peer.far_end.does_not_answer();
    }
    phase1_failed(sa, gave_up.said_before ? gave_up.why : peer.trouble.explain(gave_up.why));
    const std::string next = peer.attempts.next() ? retrying(*peer.attempts.next(), now_) : "retrying";
    if (!peer.trouble.attempt_failed()) {
        return report(EventCode::phase1_still_failing, peer.name,
                      {{"remote", sa.remote().text()}, {"why", gave_up.why.message()}, {"next", next}});
    }
    if (gave_up.said_before) {
        // It has answered each of them.
        return report(EventCode::phase1_failed, peer.name,
                      {{"remote", sa.remote().text()}, {"why", gave_up.why.sentence()}, {"next", next}});
    }
    report(EventCode::phase1_no_answer, peer.name,
           {{"remote", sa.remote().text()},
            {"tries", std::to_string(gave_up.tries)},
            {"state", gave_up.state},
            {"next", next}});
}

/// What it has said before is the better reason.
void Engine::Impl::on(IkeSa& sa, session::FellSilent&& silent) {
    auto& peer = *sa.peer;
    const auto why = peer.trouble.explain(
        believable(peer, silent.why, sa.remote(), limits::told_of_silence_after, "Phase 1"));
    peer.trouble.erred(why, now_);
    explain_down(peer, why);
    if (peer.trouble.silent(why.id)) {
        report(EventCode::finding_seen, peer.name, {{"text", why.sentence()}});
    }
}

void Engine::Impl::on(IkeSa& sa, session::StillRefused&& refused) {
    if (sa.peer != nullptr && (refused.why.code() != Code::psk_differs || !key_has_worked(*sa.peer))) {
        command_failed(*sa.peer, nullptr, refused.why);
    }
}

void Engine::Impl::on(IkeSa& sa, session::CallsInVain&& vain) {
    sa.peer->trouble.erred(vain.why, now_);
    explain_down(*sa.peer, vain.why);
    command_failed(*sa.peer, nullptr, vain.why);
}

void Engine::Impl::on(IkeSa& sa, session::CallAnew&&) {
    sa.end();
    start_beside(*sa.peer, {sa.remote().address, sa.local().address});
}

void Engine::Impl::on(IkeSa& sa, session::RefusedInClear&& refused) {
    if (refused.why.code() == Code::psk_differs && key_has_worked(*sa.peer)) {
        return;
    }
    sa.peer->trouble.erred(refused.why, now_);
    if (sa.peer->trouble.refused(refused.why)) {
        report(EventCode::phase1_refused, sa.peer->name,
               {{"remote", sa.remote().text()},
                {"why", refused.why.sentence()},
                {"next", "nothing proves it, and the attempt goes on"}});
    }
}

void Engine::Impl::on(IkeSa& sa, session::IdentityRefused&& refused) {
    auto* peer = sa.peer != nullptr ? sa.peer : find_peer(refused.peer);
    report(EventCode::phase1_failed, peer != nullptr ? peer->name : std::string{},
           {{"remote", sa.remote().text()},
            {"why", refused.why.sentence()},
            {"next", "compare the identities at both ends"}});
    if (peer != nullptr) {
        static_cast<void>(peer->trouble.refused(refused.why));
    }
    if (sa.initiator() || peer == nullptr) {
        return phase1_failed(sa, refused.why);
    }
    peer->trouble.erred(refused.why, now_);
    explain_down(*peer, refused.why);
    peer->attempts.try_soon(now_, random_);
    close_ike_sa(sa, refused.why, Tell::nobody);
}

Engine::Impl::NextGroup Engine::Impl::offer_next_group(Peer& peer, Answer answer) {
    const bool offered =
        peer.config->mode == config::ExchangeMode::aggressive &&
        peer.groups.failed(answer, negotiation::offered_groups(peer.config->proposals).size());
    return offered ? NextGroup::offered : NextGroup::none;
}

void Engine::Impl::group_agreed(Peer& peer, crypto::GroupId group) {
    const auto groups = negotiation::offered_groups(peer.config->proposals);
    if (const auto found = std::ranges::find(groups, group); found != groups.end()) {
        peer.groups.agreed(static_cast<std::size_t>(found - groups.begin()));
    }
}

/// Another group of ours has not been refused in this round of Aggressive Modes.
bool Engine::Impl::another_group_left(const Peer& peer) {
    return peer.config->mode == config::ExchangeMode::aggressive &&
           peer.groups.another_left(negotiation::offered_groups(peer.config->proposals).size());
}

// ---- established --------------------------------------------------------------------------------------------------

/// The shorter lifetime counts, and what the peer asked for beside its transform (RFC 2407 4.6.3.1).
void Engine::Impl::adopt_lifetimes(IkeSa& sa, const session::Established& told, bool nat_settled) {
    auto& peer = *sa.peer;
    auto lifetime = told.own_lifetime;
    for (const auto& theirs : told.their_lifetimes) {
        const auto agreed = negotiation::agree_lifetime(lifetime, theirs);
        if (agreed.adopted) {
            report(EventCode::lifetime_adopted, peer.name,
                   {{"remote", sa.remote().text()},
                    {"seconds", std::to_string(agreed.lifetime.seconds)},
                    {"ours", std::to_string(lifetime.seconds)}});
        }
        lifetime = agreed.lifetime;
    }
    set_life(sa, std::chrono::seconds(lifetime.seconds));
    if (!nat_settled) {
        sa.life.move_renewal(now_ + limits::nat_doubted);
    }
}

void Engine::Impl::on(IkeSa& sa, session::LifetimeAsked&& asked) {
    if (negotiation::shortens(asked.lifetime, sa.life.expires() - *sa.life.established())) {
        set_life(sa, std::chrono::seconds(asked.lifetime.seconds));
    }
}

void Engine::Impl::start_liveness(IkeSa& sa, const session::Established& told) {
    auto& peer = *sa.peer;
    if (told.liveness_wanted) {
        sa.session->watch(quiet_until(sa, now_));
    }
    const auto nat = sa.session->nat();
    if (nat.local) {
        sa.keepalives.begin(now_);
        report(EventCode::nat_detected, peer.name, {{"where", nat.remote ? "at both ends" : "at our end"}});
    } else if (nat.remote) {
        report(EventCode::nat_detected, peer.name, {{"where", "at the peer's end"}});
    }
}

void Engine::Impl::renew_children(const IkeSa& sa, bool was_suspected) {
    for (auto& tunnel : sa.peer->tunnels) {
        // What carries it was made with a peer that has moved or forgotten it.
        if (was_suspected && sa.initiator()) {
            tunnel->retries.try_at(std::nullopt);  // it answers again: pauses were for its silence
            if (tunnel->carrier() != nullptr) {
                tunnel->retries.renew();
                tunnel->sas.doubt_carrier();
            }
        }
        if (tunnel->missing() && tunnel->retries.failures() == 0) {
            // The initiator of Phase 1 has a tunnel in mind and begins at once; beginning too would make two.
            tunnel->retries.try_at(sa.initiator() ? std::nullopt
                                                  : std::optional(now_ + limits::let_peer_begin));
        }
    }
}

void Engine::Impl::on(IkeSa& sa, session::Established&& told) {
    assign(sa, find_peer(told.peer));
    if (sa.peer == nullptr) {
        sa.end();
        return;
    }
    auto& peer = *sa.peer;
    not_half_open(sa);
    const bool nat_settled = settle_nat(sa);
    sa.life.establish(now_);
    sa.inquiry().established(now_);
    ++peer.established;
    call_over(peer);
    peer.trouble.accepted();
    peer.remarks.clear();
    peer.unproved_in_a_row = 0;
    if (!sa.initiator()) {
        peer.phase1_begun.spend(now_, limits::peers_phase1_interval);
    }
    if (told.group) {
        group_agreed(peer, *told.group);
    }
    peer.attempts.anew();
    peer.whereabouts.showed_life();
    adopt_lifetimes(sa, told, nat_settled);
    start_liveness(sa, told);
    const auto renewal = sa.life.renewal();
    report(EventCode::phase1_established, peer.name,
           {{"remote", sa.remote().text()},
            {"remote_id", sa.session->remote_id()},
            {"suite", told.suite},
            {"nat", sa.session->nat().any() ? "NAT traversal" : "no NAT"},
            {"rekey", renewal ? fmt::format("{:.0f} s", seconds_of(*renewal - now_)) : "never"}});
    if (told.initial_contact) {
        initial_contact(sa);
    }
    take_over(sa);
}

/// It stands: what was begun beside it ends, and what is wanted goes on under it.
void Engine::Impl::take_over(IkeSa& sa) {
    auto& peer = *sa.peer;
    for (auto& tunnel : peer.tunnels) {
        perform(peer, *tunnel, tunnel->sas.set_partner(partner_of(peer)));
    }
    own_names_.doubt();
    const bool was_moving = peer.beside.stay();
    const bool was_suspected = trust(peer) || was_moving;
    peer.whereabouts.reached();
    call_no_more(peer);
    if (was_suspected) {
        ask_again(sa);
    }
    supersede(sa);
    move_children_to(sa);
    note_place(sa.remote().address, peer);
    using enum Whereabouts::Caller;
    perform(peer, peer.whereabouts.is_at({sa.remote().address, sa.local().address},
                                         sa.initiator() ? we : peer_itself, situation(peer)));
    renew_children(sa, was_suspected);
    pursue(peer);
}

/// RFC 2409 5.4: HASH_R is given to whoever asks in Aggressive Mode, and keys can be tried on it.
void Engine::Impl::unproved(const IkeSa& sa) {
    const auto unproved = sa.session->unproved();
    auto* peer = unproved ? find_peer(unproved->peer) : nullptr;
    if (peer == nullptr) {
        return;
    }
    ++peer->unproved_aggressive;
    ++peer->unproved_in_a_row;
    if (peer->unproved_in_a_row >= limits::unproved_until_doubted && !key_has_worked(*peer)) {
        caller_refused(peer->name, sa.remote().address,
                       finding<FindingId::message_3_never_comes>(
                           peer->config->pre_shared_key_place, field<"identity">(unproved->identity),
                           field<"candidates">("psk-differs id-differs")));
    }
    if (told_strangers_.tell(ToldStrangers::Topic::unproved_aggressive, sa.remote().address, now_)) {
        report(EventCode::aggressive_unproved, peer->name,
               {{"remote", sa.remote().text()},
                {"identity", unproved->identity},
                {"count", std::to_string(peer->unproved_aggressive)}});
    }
}

}  // namespace causeway::ike
