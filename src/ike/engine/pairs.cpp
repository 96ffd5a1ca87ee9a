// The SA pairs of a tunnel: which one carries it, which goes, and what follows when the last one is gone.
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

namespace quick = v1::quick_mode;

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
    pair->probe_path = model_->options.probe_path;
    ChildSa child;
    child.number = next_child_number_++;
    child.remote = pair->remote_outer;
    child.suite = choice.text();
    child.made_under = sa.number;
    child.initiator = exchange.initiator;
    child.begun = exchange.begun;
    child.installed = ++steps_;
    child.established = now_;
    child.nonces = progress.ni_b;
    append(child.nonces, progress.nr_b);
    set_life(*tunnel, child, exchange.initiator ? exchange.since : now_,
             std::chrono::seconds(agreement->lifetime.seconds), peer.config->rekey);
    child.pair = pair;
    exchange.made = pair->id;
    if (agreement->lifetime_adopted) {
        report(EventCode::lifetime_adopted, tunnel->config->display_name,
               {{"remote", sa.remote.text()},
                {"seconds", std::to_string(agreement->lifetime.seconds)},
                {"ours", std::to_string(tunnel->config->lifetime.seconds)}});
    }
    if (tunnel->sas.size() >= limits::child_sas_per_tunnel) {
        make_room(peer, *tunnel);
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

// The pair that carries the tunnel is never the one that goes: first those that the peer has begun and not
// confirmed, then what was replaced, each time the oldest.
void Engine::Impl::make_room(Peer& peer, Tunnel& tunnel) {
    const auto* carrier = tunnel.carrier();
    const auto rank = [&](const ChildSa& child) {
        return &child == carrier ? 3 : !child.outbound && !child.activate_at ? 0 : child.replaced ? 1 : 2;
    };
    const auto victim = std::min_element(tunnel.sas.begin(), tunnel.sas.end(),
                                         [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    const auto id = victim->pair->id;
    for (auto* sa : peer.sas) {
        for (auto& exchange : sa->exchanges) {
            if (exchange->made == id && !exchange->finished) {
                return quick_failed(*sa, *exchange, finding<FindingId::quick_mode_unconfirmed>(),
                                    Refused::no);
            }
        }
    }
    remove_child(peer, tunnel, id, finding<FindingId::too_many_sa_pairs>(), true);
}

/// A pair that waits for message 3 waits in vain when the ISAKMP SA has ended.
void Engine::Impl::end_unfinished(IkeSa& sa, const Finding& why) {
    for (auto& exchange : sa.exchanges) {
        if (exchange->finished || !exchange->made || sa.peer == nullptr) {
            continue;
        }
        exchange->finished = true;
        if (const auto made = find_child(*exchange->made); made.child != nullptr && !made.child->outbound) {
            remove_child(*made.peer, *made.tunnel, *exchange->made, why, false);
        }
    }
}

// Which of two pairs of a tunnel goes. The one that stood before the other's Quick Mode began is replaced;
// its partner may see that differently by the time that a message takes, but never the other way round. Two
// that were made at the same time both stand for longer; then the one with the lesser Ni_b | Nr_b is deleted,
// by its initiator, which asks again whether the other one is still there. A peer that is no causeway has
// rules of its own: with it both stay until they are renewed or end.
void Engine::Impl::retire_one(const Tunnel& tunnel, ChildSa& a, ChildSa& b) {
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

void Engine::Impl::activate(Tunnel& tunnel, ChildSa& child) {
    const bool was_up = tunnel.carrier() != nullptr;
    child.activate_at.reset();
    child.followed = ++steps_;
    if (!child.initiator && !child.outbound) {
        // Confirmed, by message 3 or by ESP: the initiator may have begun to count just now.
        child.expires += now_ - child.established;
    }
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
    tunnel.why_down.reset();
    tunnel.refusal.reset();
    tunnel.failures = 0;
    if (!child.disclaimed) {
        tunnel.next_attempt.reset();
        tunnel.rekey_due = false;
    }
    report(
        was_up ? EventCode::phase2_rekeyed : EventCode::phase2_established, tunnel.config->display_name,
        {{"local", tunnel.config->local.text()},
         {"remote", tunnel.config->remote.text()},
         {"suite", child.suite},
         {"spi_in", fmt::format("{:08x}", child.pair->inbound.spi)},
         {"spi_out", fmt::format("{:08x}", child.pair->outbound.spi)},
         {"rekey", child.rekey_at ? fmt::format("{:.0f} s", seconds_of(*child.rekey_at - now_)) : "never"}});
}

void Engine::Impl::remove_child(Peer& peer, Tunnel& tunnel, sa::SaId id, const Finding& why, bool tell_peer) {
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
        report(EventCode::phase2_closed, tunnel.config->display_name,
               {{"local", tunnel.config->local.text()},
                {"remote", tunnel.config->remote.text()},
                {"why", why.sentence()}});
    }
}

void Engine::Impl::tunnel_lost(Peer& peer, Tunnel& tunnel, const Finding& why,
                               std::optional<config::LossAction> action) {
    if (tunnel.carrier() != nullptr) {
        return;
    }
    if (!tunnel.down_since) {
        tunnel.down_since = now_;
    }
    tunnel.why_down = why;
    if (action && !tunnel.held_down) {
        tunnel.kept = *action == config::LossAction::restart;
        tunnel.wanted = tunnel.kept;
        // A trap policy stays until a command or another configuration removes it.
        tunnel.trapped = tunnel.trapped || *action == config::LossAction::traffic;
    }
    if (!peer.next_attempt) {
        peer.next_attempt = now_ + jittered(limits::retry_first, 250);
    }
}

}  // namespace causeway::ike
