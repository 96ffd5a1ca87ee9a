// What is wanted of a peer is begun as soon as its time has come: children under the session that serves, or the look-up that
// leads to a session.
#include <optional>
#include <vector>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

void Engine::Impl::start_child(IkeSa& sa, Tunnel& tunnel) {
    const auto groups = negotiation::offered_pfs(tunnel.config->proposals);
    sa.session->begin_child(
        {tunnel.config, groups.empty() ? std::nullopt : groups[tunnel.pfs.turn(groups.size())]});
}

void Engine::Impl::pursue(Peer& peer) {
    if (shutting_down_) {
        return;
    }
    std::vector<Tunnel*> due;
    bool phase1_needed = false;
    for (auto& tunnel : peer.tunnels) {
        phase1_needed = phase1_needed || tunnel->needs_phase1();
        tunnel->retries.keep_rest(now_);
        // No more are looked at than may begin: the question below goes through all exchanges.
        const bool room = due.size() < limits::own_quick_modes_per_sa || tunnel->retries.waits();
        if (room && is_due(*tunnel) && !has_exchange_for(peer, *tunnel)) {
            tunnel->retries.take_turn();  // a deadline in the past would fire for ever
            due.push_back(tunnel.get());
        }
    }
    if (auto* sa = usable_sa(peer); sa != nullptr) {
        for (auto* tunnel : due) {
            if (sa->over() || !sa->session->may_begin_child()) {
                break;  // the next one begins when one of these ends
            }
            if (is_due(*tunnel) && !has_exchange_for(peer, *tunnel)) {
                tunnel->retries.begin();
                start_child(*sa, *tunnel);
            }
        }
        if (!needs_phase1(peer)) {
            return;
        }
    }
    if (!peer.beside.wanted()) {
        peer.attempts.keep_rest(now_);
    }
    if (!phase1_needed || !peer.whereabouts.can_be_called() || peer.whereabouts.lookup_under_way() ||
        peer.attempts.due_at() > now_ || phase1_pending(peer, Begun::by_either)) {
        return;
    }
    peer.attempts.at_once();
    start_lookup(peer);
}

}  // namespace causeway::ike
