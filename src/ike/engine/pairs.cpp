// The SA pairs of the tunnels: made of what a Quick Mode has agreed, and what follows for the data plane, the
// peer and the tunnel from each change of theirs (child_sas.hpp decides).
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

namespace quick = v1::quick_mode;

namespace {

std::shared_ptr<sa::SaPair> pair_of(const IkeSa& sa, const config::Tunnel& tunnel,
                                    const quick::Agreement& agreement) {
    const auto& choice = agreement.choice;
    auto pair = std::make_shared<sa::SaPair>();
    pair->reqid = tunnel.reqid;
    pair->name = tunnel.display_name;
    pair->cipher = choice.cipher;
    pair->integrity = choice.integrity;
    pair->inbound = {agreement.inbound.spi, agreement.inbound.encryption_key.clone(),
                     agreement.inbound.integrity_key.clone()};
    pair->outbound = {agreement.outbound.spi, agreement.outbound.encryption_key.clone(),
                      agreement.outbound.integrity_key.clone()};
    pair->local = tunnel.local;
    pair->remote = tunnel.remote;
    pair->local_outer = sa.local;
    pair->remote_outer = sa.remote;
    pair->encapsulation =
        choice.mode == isakmp::EncapsulationMode::tunnel ? sa::Encapsulation::none : sa::Encapsulation::udp;
    if (pair->encapsulation == sa::Encapsulation::udp && sa.local.port == 500) {
        // A peer that saw a NAT and stayed on port 500: ESP goes by the other one (RFC 3948 2.1).
        pair->local_outer.port = 4500;
        pair->remote_outer.port = 4500;
    }
    pair->hard_kilobytes = agreement.lifetime.kilobytes;
    return pair;
}

}  // namespace

void Engine::Impl::install(IkeSa& sa, Exchange& exchange, const quick::QuickProgress& progress,
                           const quick::SharedAgreement& agreement, ChildSas::Outbound outbound) {
    auto& peer = *sa.peer;
    auto* tunnel = tunnel_of(peer, progress.tunnel->display_name);
    if (tunnel == nullptr) {
        return;
    }
    auto pair = pair_of(sa, *tunnel->config, *agreement);
    pair->id = sa::SaId{next_sa_id_++};
    pair->replay_window = model_->options.replay_window;
    pair->copy_dscp = model_->options.copy_dscp;
    pair->probe_path = model_->options.probe_path;
    MadePair made;
    made.number = next_child_number_++;
    made.suite = agreement->choice.text();
    made.made_under = sa.number;
    made.initiator = exchange.initiator;
    made.begun = exchange.begun;
    made.installed = ++steps_;
    made.established = now_;
    made.nonces = progress.ni_b;
    append(made.nonces, progress.nr_b);
    made.pair = pair;
    set_life(*tunnel, made, exchange.initiator ? exchange.since : now_,
             std::chrono::seconds(agreement->lifetime.seconds), peer.config->rekey);
    exchange.made = pair->id;
    if (agreement->lifetime_adopted) {
        report(EventCode::lifetime_adopted, tunnel->config->display_name,
               {{"remote", sa.remote.text()},
                {"seconds", std::to_string(agreement->lifetime.seconds)},
                {"ours", std::to_string(tunnel->config->lifetime.seconds)}});
    }
    if (const auto victim = tunnel->sas.to_make_room()) {
        make_room(peer, *tunnel, *victim);
    }
    perform(peer, *tunnel, tunnel->sas.add(std::move(made), outbound, now_));
}

/// One that its Quick Mode has not finished goes with that.
void Engine::Impl::make_room(Peer& peer, Tunnel& tunnel, sa::SaId id) {
    for (auto* sa : peer.sas) {
        for (auto& exchange : sa->exchanges) {
            if (exchange->made == id && !exchange->finished) {
                return quick_failed(*sa, *exchange, finding<FindingId::quick_mode_unconfirmed>(),
                                    Refused::no);
            }
        }
    }
    perform(peer, tunnel,
            tunnel.sas.remove(id, finding<FindingId::too_many_sa_pairs>(), ChildSas::Tell::peer, now_));
}

/// A pair that waits for message 3 waits in vain when the ISAKMP SA has ended.
void Engine::Impl::end_unfinished(IkeSa& sa, const Finding& why) {
    for (auto& exchange : sa.exchanges) {
        if (exchange->finished || !exchange->made || sa.peer == nullptr) {
            continue;
        }
        exchange->finished = true;
        if (const auto made = find_child(*exchange->made); made.child != nullptr && !made.child->outbound) {
            perform(*made.peer, *made.tunnel,
                    made.tunnel->sas.remove(*exchange->made, why, ChildSas::Tell::nobody, now_));
        }
    }
}

void Engine::Impl::perform(Peer& peer, Tunnel& tunnel, ChildSas::Changes changes) {
    for (auto& change : changes) {
        std::visit([&](auto&& one) { on(peer, tunnel, std::forward<decltype(one)>(one)); },
                   std::move(change));
    }
}

void Engine::Impl::on(Peer& peer, Tunnel&, child::TellPeer&& told) {
    if (auto* sa = usable_sa(peer); sa != nullptr) {
        send_delete_esp(*sa, told.spi);
    }
}

void Engine::Impl::on(Peer&, Tunnel& tunnel, child::Up&& up) {
    tunnel.outage.end();
    if (up.disclaimed) {
        tunnel.retries.came_up_disclaimed();
    } else {
        tunnel.retries.came_up();
    }
    report(up.renewal ? EventCode::phase2_rekeyed : EventCode::phase2_established,
           tunnel.config->display_name,
           {{"local", tunnel.config->local.text()},
            {"remote", tunnel.config->remote.text()},
            {"suite", up.suite},
            {"spi_in", fmt::format("{:08x}", up.spi_in)},
            {"spi_out", fmt::format("{:08x}", up.spi_out)},
            {"rekey", up.rekey_at ? fmt::format("{:.0f} s", seconds_of(*up.rekey_at - now_)) : "never"}});
}

void Engine::Impl::on(Peer&, Tunnel& tunnel, child::FellBack&& fell) {
    tunnel.retries.renew_at(fell.initiator ? std::nullopt : std::optional(now_ + limits::let_peer_call));
}

void Engine::Impl::on(Peer&, Tunnel& tunnel, child::Down&& down) {
    tunnel.outage.begin(now_, down.why);
    report(EventCode::phase2_closed, tunnel.config->display_name,
           {{"local", tunnel.config->local.text()},
            {"remote", tunnel.config->remote.text()},
            {"why", down.why.sentence()}});
}

void Engine::Impl::on(Peer&, Tunnel& tunnel, child::RenewalDue&&) {
    tunnel.retries.renew();
}

void Engine::Impl::tunnel_lost(Peer& peer, Tunnel& tunnel, const Finding& why,
                               std::optional<config::LossAction> action) {
    if (tunnel.carrier() != nullptr) {
        return;
    }
    tunnel.outage.go_on(now_, why);
    if (action) {
        tunnel.wish.lose(*action);
    }
    if (!peer.next_attempt) {
        peer.next_attempt = now_ + jittered(limits::retry_first, 250);
    }
}

}  // namespace causeway::ike
