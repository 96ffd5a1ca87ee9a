// The SA pairs of the tunnels: made of what a negotiation has agreed on, and what follows for the data plane, the
// peer and the tunnel from each change of theirs (child_sas.hpp decides).
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/ports.hpp"
#include "ike/engine/impl.hpp"
#include "status/status.hpp"

namespace causeway::ike {

namespace {

std::shared_ptr<sa::SaPair> pair_of(const Place& place, const config::Tunnel& tunnel, AgreedChild&& child) {
    auto pair = std::make_shared<sa::SaPair>();
    pair->reqid = tunnel.reqid;
    pair->cipher = child.cipher;
    pair->integrity = child.integrity;
    pair->inbound = std::move(child.inbound);
    pair->outbound = std::move(child.outbound);
    pair->local = tunnel.local;
    pair->remote = tunnel.remote;
    pair->local_outer = place.local;
    pair->remote_outer = place.remote;
    pair->encapsulation = child.encapsulation;
    if (pair->encapsulation == sa::Encapsulation::udp && place.local.port == ike_port) {
        // A peer that saw a NAT and stayed on port 500: ESP goes by the other one (RFC 3948 2.1).
        pair->local_outer.port = nat_t_port;
        pair->remote_outer.port = nat_t_port;
    }
    pair->hard_kilobytes = child.lifetime.kilobytes;
    pair->hard_seconds = child.lifetime.seconds;
    return pair;
}

}  // namespace

std::optional<sa::SaId> Engine::Impl::install(IkeSa& sa, AgreedChild&& child) {
    auto& peer = *sa.peer;
    auto* tunnel = tunnel_of(peer, child.reqid);
    if (tunnel == nullptr) {
        return std::nullopt;
    }
    const sa::SaId id{next_sa_id_++};
    const auto lifetime = child.lifetime;
    const bool lifetime_adopted = child.lifetime_adopted;
    const auto outbound = child.confirmed ? ChildSas::Outbound::now : ChildSas::Outbound::confirmed;
    const Role role = child.role;
    const Instant begun = role == Role::initiator ? child.since : now_;
    MadePair made;
    made.number = next_child_number_++;
    made.pfs = child.pfs;
    made.made_under = sa.number;
    made.initiator = role == Role::initiator;
    made.begun = child.begun;
    made.installed = ++steps_;
    made.established = now_;
    std::copy_n(child.nonces.begin(), std::min(child.nonces.size(), made.nonces.size()), made.nonces.begin());
    auto pair = pair_of(sa.session->place(), *tunnel->config, std::move(child));
    pair->id = id;
    pair->replay_window = model_->options.replay_window;
    pair->copy_dscp = model_->options.copy_dscp;
    pair->probe_path = model_->options.probe_path;
    made.pair = std::move(pair);
    const Life life = life_of_pair(*tunnel, *made.pair, begun, std::chrono::seconds(lifetime.seconds), role);
    made.expires = life.expires;
    made.rekey_at = peer.config->rekey ? life.rekey_at : std::nullopt;
    if (lifetime_adopted) {
        report(EventCode::lifetime_adopted, tunnel->config->display_name,
               {{"remote", sa.remote().text()},
                {"seconds", std::to_string(lifetime.seconds)},
                {"ours", std::to_string(tunnel->config->lifetime.seconds)}});
    }
    if (const auto victim = tunnel->sas.to_make_room()) {
        make_room(peer, *tunnel, *victim);
    }
    perform(peer, *tunnel, tunnel->sas.add(std::move(made), outbound, now_));
    return id;
}

/// One that its negotiation has not finished goes with that.
void Engine::Impl::make_room(Peer& peer, Tunnel& tunnel, sa::SaId id) {
    for (auto* sa : peer.sas) {
        if (sa->session->end_negotiation_of(id)) {
            return;
        }
    }
    perform(peer, tunnel,
            tunnel.sas.remove(id, finding<FindingId::too_many_sa_pairs>(), ChildSas::Tell::peer, now_));
}

void Engine::Impl::perform(Peer& peer, Tunnel& tunnel, ChildSas::Changes changes) {
    for (auto& change : changes) {
        std::visit([&](auto&& one) { on(peer, tunnel, std::forward<decltype(one)>(one)); },
                   std::move(change));
    }
}

void Engine::Impl::on(Peer& peer, Tunnel& tunnel, InstallSa&& install) {
    const Installed fresh{install.pair->id, install.pair->inbound.spi, &peer, &tunnel};
    installed_.insert(std::ranges::upper_bound(installed_, fresh.id, {}, &Installed::id), fresh);
    spis_.insert(install.pair->inbound.spi);
    outputs_.emplace_back(std::move(install));
}

void Engine::Impl::on(Peer&, Tunnel& tunnel, RemoveSa&& remove) {
    status::add(tunnel.tally.of_ended, usage_.usage(remove.id).value_or(sa::Usage{}));
    const auto gone = std::ranges::lower_bound(installed_, remove.id, {}, &Installed::id);
    if (gone != installed_.end() && gone->id == remove.id) {
        spis_.erase(gone->spi_in);
        installed_.erase(gone);
    }
    outputs_.emplace_back(remove);
}

void Engine::Impl::on(Peer& peer, Tunnel&, child::TellPeer&& told) {
    if (auto* sa = usable_sa(peer); sa != nullptr) {
        sa->session->delete_child(told.spi);
    }
}

void Engine::Impl::on(Peer&, Tunnel& tunnel, child::Up&& up) {
    tunnel.outage.end();
    tunnel.pfs_trial.forget();
    if (up.disclaimed) {
        tunnel.retries.came_up_disclaimed();
    } else {
        tunnel.retries.came_up();
    }
    if (!up.renewal || !tunnel.tally.up_since) {
        tunnel.tally.up_since = now_;
    }
    if (!up.renewal) {
        ++tunnel.tally.came_up;
    } else if (!up.crossed) {
        ++tunnel.tally.renewals;
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
    notice_flapping(tunnel, down.why);
    tunnel.tally.up_since.reset();
    tunnel.outage.begin(now_, down.why);
    report(EventCode::phase2_closed, tunnel.config->display_name,
           {{"local", tunnel.config->local.text()},
            {"remote", tunnel.config->remote.text()},
            {"why", down.why.sentence()}});
}

void Engine::Impl::on(Peer&, Tunnel& tunnel, child::RenewalDue&&) {
    tunnel.retries.renew();
}

}  // namespace causeway::ike
