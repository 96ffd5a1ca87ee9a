// Children of sessions as they are negotiated: how ours begin, which of the peer's may, and what follows their end.
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ike/engine/impl.hpp"
#include "ike/engine/retrying.hpp"
#include "negotiation/phase1.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike {

using Answer = OfferedGroups::Answer;
using session::Refused;

namespace {

/// Refusals of one tunnel, one after the other, before Phase 1 is doubted.
constexpr unsigned phase1_anew_after = 2;

}  // namespace

// ---- the peer's ---------------------------------------------------------------------------------------------------

/// The peer cannot be made to pause, but what it costs is bounded.
bool Engine::Impl::may_begin_another(IkeSa& sa) {
    auto& peer = *sa.peer;
    std::size_t running = 0;
    for (const auto* one : peer.sas) {
        running += one->session->negotiations();
    }
    if (running >= limits::exchanges_per_sa) {
        tell_of_limit(peer,
                      finding<FindingId::too_many_quick_modes>(field<"remote">(sa.remote().text()),
                                                               field<"count">(std::to_string(running))),
                      "further ones are ignored");
        return false;
    }
    if (!peer.quick_modes.left(now_, limits::peers_quick_mode_interval,
                               limits::peers_quick_modes_at_once + 4 * peer.tunnels.size())) {
        tell_of_limit(peer, finding<FindingId::quick_modes_too_often>(field<"remote">(sa.remote().text())),
                      fmt::format("it is answered {:.0f} times a second",
                                  1 / seconds_of(limits::peers_quick_mode_interval)));
        return false;
    }
    return true;
}

void Engine::Impl::on(IkeSa& sa, session::ChildAsked&&) {
    sa.peer->quick_modes.spend(now_, limits::peers_quick_mode_interval);
    heard(sa);
}

/// What the peer has begun for a tunnel and not finished makes room for what it begins now.
void Engine::Impl::on(IkeSa& sa, session::ChildBegun&& begun) {
    IkeSa* under = nullptr;
    Session::Unconfirmed oldest;
    std::size_t unfinished = 0;
    for (auto* one : sa.peer->sas) {
        const auto here = one->session->unconfirmed(begun.reqid);
        if (here.count != 0 && (under == nullptr || here.oldest < oldest.oldest)) {
            oldest = here;
            under = one;
        }
        unfinished += here.count;
    }
    if (unfinished >= limits::unfinished_per_tunnel) {
        under->session->end_unconfirmed(begun.reqid, oldest.oldest);
    }
}

// ---- their end ----------------------------------------------------------------------------------------------------

void Engine::Impl::on(IkeSa&, session::ChildConfirmed&& confirmed) {
    if (const auto found = find_child(confirmed.id); found.child != nullptr) {
        perform(*found.peer, *found.tunnel, found.tunnel->sas.confirm(confirmed.id, now_));
    }
}

void Engine::Impl::on(IkeSa& sa, session::ChildFinished&&) {
    sa.peer->nat_blamed.reset();
}

void Engine::Impl::on(IkeSa& sa, session::Idle&&) {
    pursue(*sa.peer);
}

void Engine::Impl::on(IkeSa& sa, session::ChildLost&& lost) {
    auto& peer = *sa.peer;
    if (auto* tunnel = tunnel_of(peer, lost.reqid); tunnel != nullptr) {
        const Loss loss{lost.why, finding<FindingId::refuses_each_sa>(field<"why">(lost.why.sentence()),
                                                                      field<"count">({}))};
        perform(peer, *tunnel,
                tunnel->sas.lose(lost.id, loss, child::Cause::negotiation,
                                 lost.tell_peer ? Tell::peer : Tell::nobody, now_));
    }
}

void Engine::Impl::on(IkeSa& sa, session::ChildFailed&& failed) {
    auto& peer = *sa.peer;
    auto* tunnel = tunnel_of(peer, failed.reqid);
    if (tunnel == nullptr) {
        return peer.trouble.erred(failed.why, now_);
    }
    if (tunnel->pfs_trial.is_stale(now_)) {
        tunnel->pfs_trial.forget();
    }
    if (failed.refused == Refused::proposal && tunnel->pfs_trial.learned() &&
        failed.role == Role::initiator) {
        failed.why = *tunnel->pfs_trial.learned();
    }
    const auto& why = failed.why;
    peer.trouble.erred(why, now_);
    const bool down = tunnel->carrier() == nullptr;
    const bool was_refused = failed.refused != Refused::no;
    if (down && !tunnel->retries.setbacks().is_habit()) {
        tunnel->outage.explain(with_refusal(why, was_refused ? std::nullopt : tunnel->outage.refusal()));
    }
    if (failed.role == Role::responder) {
        return was_refused ? tell_of_failure(sa, *tunnel, failed, "it was the peer that asked for it")
                           : void();
    }
    const bool another_group = offer_next_group(*tunnel, failed.refused) == NextGroup::offered;
    const auto carried = down ? Retries::Carried::no : Retries::Carried::yes;
    if (another_group) {
        tunnel->retries.group_refused(carried, now_, random_);
    } else {
        tunnel->retries.failed(carried, now_, random_);
    }
    if (was_refused) {
        tunnel->outage.refuse(why);
    }
    if (down && !another_group) {
        tunnel->wish.attempt_failed();
    }
    tell_of_failure(sa, *tunnel, failed,
                    another_group           ? "the next PFS group is tried"
                    : tunnel->wish.wanted() ? retrying(tunnel->retries.due_at(), now_)
                                            : "waiting for traffic or for the peer");
    if (!another_group) {
        command_failed(peer, tunnel, with_refusal(why, tunnel->outage.refusal()));
    }
    if (failed.refused == Refused::proposal) {
        if (down && !another_group && try_other_pfs(sa, *tunnel)) {
            return;
        }
        doubt_phase1(sa, *tunnel);
    }
    pursue(peer);  // another tunnel may have waited for this one
}

/// Once for each tunnel until it is up: what there is to learn stays the same. True: something is asked.
bool Engine::Impl::try_other_pfs(IkeSa& sa, Tunnel& tunnel) {
    const auto& proposals = tunnel.config->proposals;
    const auto ours = negotiation::offered_pfs(proposals);
    // To one of our own it would look as if we had another configuration, and there it is told what differs.
    if (sa.over() || !sa.session->may_begin_child() || ours.empty() || sa.session->peer_is_causeway()) {
        return false;
    }
    const auto other =
        tunnel.pfs_trial.next(ours, negotiation::offered_groups(sa.peer->config->proposals).front(), now_);
    if (!other) {
        return false;
    }
    auto asked = std::make_shared<config::Tunnel>(*tunnel.config);
    asked->proposals = tunnel.pfs_trial.asked(proposals);
    report(EventCode::phase2_trial, tunnel.config->display_name,
           {{"remote", sa.remote().text()},
            {"offered", negotiation::list_of(negotiation::offered_with(proposals, ours.back()))},
            {"otherwise", negotiation::list_of(negotiation::offered_with(asked->proposals, *other))}});
    sa.session->begin_child({asked.get(), *other, asked});
    return true;
}

void Engine::Impl::on(IkeSa& sa, session::TrialEnded&& ended) {
    auto& peer = *sa.peer;
    auto* tunnel = tunnel_of(peer, ended.reqid);
    if (tunnel == nullptr || tunnel->carrier() != nullptr) {
        return pursue(peer);
    }
    if (!ended.accepted) {
        return try_other_pfs(sa, *tunnel) ? void() : pursue(peer);
    }
    const auto why = tunnel->pfs_trial.accepted(tunnel->config->proposals, tunnel->config->proposals_place);
    peer.trouble.erred(why, now_);
    tunnel->outage.explain(why);
    tunnel->outage.refuse(why);
    if (tunnel->outage.tell(why)) {
        report(EventCode::finding_seen, tunnel->config->display_name, {{"text", why.sentence()}});
    }
    command_failed(peer, tunnel, why);
    pursue(peer);
}

/// The same again and again is worth less than the first time.
void Engine::Impl::tell_of_failure(const IkeSa& sa, Tunnel& tunnel, const session::ChildFailed& failed,
                                   const std::string& next) {
    report(!tunnel.outage.tell(failed.why) ? EventCode::phase2_still_failing
           : failed.refused != Refused::no ? EventCode::phase2_refused
                                           : EventCode::phase2_no_answer,
           tunnel.config->display_name,
           {{"remote", sa.remote().text()},
            {"local", tunnel.config->local.text()},
            {"remote_net", tunnel.config->remote.text()},
            {"why", failed.why.sentence()},
            {"next", next}});
}

void Engine::Impl::on(IkeSa& sa, session::ChildInDoubt&& doubted) {
    auto& peer = *sa.peer;
    const auto found = find_child(doubted.id);
    if (found.child == nullptr || !found.tunnel->sas.is_newest(doubted.id) ||
        found.tunnel->retries.renewal_due() || has_exchange_for(peer, *found.tunnel)) {
        return;  // there is a newer one, or will be
    }
    auto& tunnel = *found.tunnel;
    tunnel.sas.doubt_carrier();
    tunnel.retries.renew_at(now_ + jittered(limits::retry_first, retry_jitter_permille));
    tunnel.retries.count_setback(found.child->established, now_, random_);
    report(EventCode::phase2_refused, tunnel.config->display_name,
           {{"local", tunnel.config->local.text()},
            {"remote", sa.remote().text()},
            {"remote_net", tunnel.config->remote.text()},
            {"why", doubted.why.sentence() + ", of this tunnel or another"},
            {"next", "it is made anew"}});
}

/// Phase 1 stands, and the peer has shown itself meanwhile: it is this that it does not answer.
void Engine::Impl::on(IkeSa& sa, session::ChildSilent&& silent) {
    auto* tunnel = tunnel_of(*sa.peer, silent.reqid);
    if (tunnel == nullptr || tunnel->carrier() != nullptr) {
        return;
    }
    tunnel->outage.suspect(std::move(silent.why));
    if (sa.inquiry().last_heard() > silent.since || !sa.inquiry().possible()) {
        silence_proved(*sa.peer);
    }
}

/// What the error is about is none when it is about
/// the networks, or about a pair that both ends have made.
Engine::Impl::NextGroup Engine::Impl::offer_next_group(Tunnel& tunnel, Refused refused) {
    if (refused == Refused::networks || refused == Refused::confirmation) {
        return NextGroup::none;
    }
    const bool offered = tunnel.pfs.failed(refused == Refused::no ? Answer::silence : Answer::refused,
                                           negotiation::offered_pfs(tunnel.config->proposals).size());
    return offered ? NextGroup::offered : NextGroup::none;
}

// Perhaps it is Phase 1 that the two ends understood differently: whether there is a NAT is agreed there, and
// nothing authenticates it (RFC 3947 3.2). Another Phase 1 is made for that, once: it helps only if it finds
// something else, and where a tunnel has come up under this one both ends have found the same.
void Engine::Impl::doubt_phase1(IkeSa& sa, const Tunnel& tunnel) {
    auto& peer = *sa.peer;
    const auto nat = sa.session->nat();
    const NatFinding found{sa.local().address, sa.remote().address, nat.local, nat.remote};
    const bool carried = std::ranges::any_of(peer.tunnels, [&](const auto& one) {
        return one->carrier() != nullptr && one->carrier()->made_under == sa.number;
    });
    if (tunnel.retries.failures() < phase1_anew_after || carried || peer.nat_blamed == found) {
        return;
    }
    peer.nat_blamed = found;
    if (tunnel.carrier() != nullptr && sa.life.move_renewal(now_)) {
        return;  // an older pair carries: make before break
    }
    close_ike_sa(sa, finding<FindingId::refused_under_it>(), Tell::peer);
    pursue(peer);
}

/// The child of another tunnel could begin under this session if one of ours, which nobody answers, did not stand in
/// its way.
bool Engine::Impl::another_child_waits(const IkeSa& sa, sa::ReqId reqid) const {
    return usable_sa(*sa.peer) == &sa && std::ranges::any_of(sa.peer->tunnels, [&](const auto& tunnel) {
               return tunnel->config->reqid != reqid && is_due(*tunnel) &&
                      !has_exchange_for(*sa.peer, *tunnel);
           });
}

}  // namespace causeway::ike
