// A session ends by our own will or by what the peer does, and with it what is not finished under it.
#include <optional>
#include <string>
#include <utility>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

/// A pair that waits for its confirmation waits in vain when the session has ended.
void Engine::Impl::end_unfinished(IkeSa& sa, const Finding& why) {
    if (sa.peer == nullptr) {
        return;
    }
    for (const auto id : sa.session->end_negotiations()) {
        if (const auto made = find_child(id); made.child != nullptr && !made.child->outbound) {
            perform(*made.peer, *made.tunnel, made.tunnel->sas.remove(id, why, ChildSas::Tell::nobody, now_));
        }
    }
}

/// A renewal that was asked for under `sa`, and has no answer, is due again: nothing more will come of it.
void Engine::Impl::still_due(const IkeSa& sa) {
    for (const auto reqid : sa.session->own_negotiations()) {
        if (auto* tunnel = tunnel_of(*sa.peer, reqid); tunnel != nullptr && tunnel->carrier() != nullptr) {
            tunnel->retries.renew();
        }
    }
}

void Engine::Impl::close_ike_sa(IkeSa& sa, const Finding& why, Tell tell) {
    if (sa.over()) {
        return;
    }
    if (tell == Tell::peer && sa.established()) {
        sa.session->say_goodbye();
    }
    end_unfinished(sa, why);
    if (sa.established()) {
        report(EventCode::phase1_closed, sa.peer != nullptr ? sa.peer->name : std::string{},
               {{"remote", sa.remote().text()}, {"why", why.sentence()}});
    }
    still_due(sa);
    sa.end();
}

/// The same of an ISAKMP SA. The pairs made under it stay (RFC 2408 3.15).
void Engine::Impl::lose_ike_sa(IkeSa& sa, const Loss& loss, Tell tell) {
    auto& peer = *sa.peer;
    const Instant made = sa.life.established().value_or(Instant{});
    close_ike_sa(sa, loss.why, tell);
    if (usable_sa(peer) != nullptr && !loss.counts_beside_another) {
        return;
    }
    peer.attempts.count_setback(made, now_, random_);
    tell_of_setbacks(peer, loss, sa.remote());
}

void Engine::Impl::drop_peer_sas(Peer& peer, const Finding& why, Tell tell, Pending pending) {
    for (auto& tunnel : peer.tunnels) {
        perform(peer, *tunnel, tunnel->sas.remove_all(why, tell, now_));
        tunnel->retries.forget_renewal();
    }
    for (auto* sa : peer.sas) {
        if (!sa->over() && (pending == Pending::dropped || sa->established())) {
            close_ike_sa(*sa, why, tell);
        }
    }
}

}  // namespace causeway::ike
