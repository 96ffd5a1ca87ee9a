// Our own end: from which of our addresses a peer is reached, what follows when that changes, and what our own
// names are compared with.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/own_name.hpp"
#include "ike/engine/impl.hpp"

namespace causeway::ike {

void Engine::Impl::on(LocalAddressesChanged&& changed) {
    own_addresses_.set(std::move(changed.addresses));
    if (shutting_down_) {
        return;
    }
    perform(own_names_.our_addresses_changed(now_));
    for (auto& peer : peers_) {
        // What failed before failed under other circumstances.
        reset_backoff(*peer);
        const auto* standing = usable_sa(*peer);
        perform(*peer, peer->whereabouts.our_addresses_changed(
                           standing != nullptr ? std::optional(standing->remote().address) : std::nullopt,
                           situation(*peer), now_));
    }
}

/// The address of ours that the peer's SAs go by, or that it is being called from.
std::optional<IpAddress> Engine::Impl::local_in_use(const Peer& peer) const {
    if (const auto* standing = usable_sa(peer); standing != nullptr) {
        return standing->local().address;
    }
    for (const auto& tunnel : peer.tunnels) {
        if (const auto* carrier = tunnel->carrier(); carrier != nullptr) {
            return carrier->pair->local_outer.address;
        }
    }
    for (auto sa = sas_.rbegin(); sa != sas_.rend(); ++sa) {
        if ((*sa)->peer == &peer && !(*sa)->dead) {
            return (*sa)->local().address;
        }
    }
    return std::nullopt;
}

// An address that is gone is left when there is another one, not before: a line that comes back with the old
// one goes on where it stopped. An address that is still ours, but that packets to the peer do not leave by
// any more, is left make before break.
void Engine::Impl::perform(Peer& peer, Whereabouts::WaysKnown&& ways) {
    leave_lost_address(peer);
    drop_calls_from_elsewhere(peer, ways.paths);
    const auto* standing = usable_sa(peer);
    if (standing == nullptr) {
        return;
    }
    const auto there = std::ranges::find(ways.paths, standing->remote().address, &Path::remote);
    if (there == ways.paths.end()) {
        return;
    }
    if (const auto before = peer.whereabouts.take_way(*there, standing->local().address, now_)) {
        begin_move(peer, *there, *before);
    }
}

void Engine::Impl::leave_lost_address(Peer& peer) {
    if (const auto used = local_in_use(peer); used && own_addresses_.lost(*used)) {
        leave_address(peer, *used);
    }
}

void Engine::Impl::drop_calls_from_elsewhere(Peer& peer, const std::vector<Path>& ways) {
    for (auto& sa : sas_) {
        if (sa->peer != &peer || sa->dead || !sa->initiator() || sa->established()) {
            continue;
        }
        const bool elsewhere = std::ranges::any_of(ways, [&](const Path& path) {
            return path.remote == sa->remote().address && path.local != sa->local().address;
        });
        if (elsewhere || own_addresses_.lost(sa->local().address)) {
            sa->dead = true;
            peer.whereabouts.our_end_changed(now_);
            reset_backoff(peer);
        }
    }
}

void Engine::Impl::begin_move(Peer& peer, const Path& way, const IpAddress& before) {
    report(EventCode::way_changed, peer.name,
           {{"remote", way.remote.text()},
            {"local", way.local.text()},
            {"before", before.text()},
            {"next", "Phase 1 is begun from there, beside the SA that stands"}});
    peer.moving = true;
    reset_backoff(peer);
    for (auto& tunnel : peer.tunnels) {
        if (tunnel->carrier() != nullptr && we_may_call(peer, *tunnel)) {
            tunnel->wish.raise();
        }
    }
}

// Nothing leaves by an address that is not ours any more, and nothing comes back to it: there is no point in
// waiting until the peer seems silent.
void Engine::Impl::leave_address(Peer& peer, const IpAddress& address) {
    const auto why = finding<FindingId::our_address_gone>(field<"address">(address.text()));
    std::vector<Tunnel*> carried;
    for (auto& tunnel : peer.tunnels) {
        if (tunnel->carrier() != nullptr) {
            carried.push_back(tunnel.get());
        }
    }
    drop_peer_sas(peer, why, false);
    set_suspected(peer, false);
    peer.moving = false;
    peer.whereabouts.forget_way();
    for (auto& tunnel : peer.tunnels) {
        tunnel_lost(peer, *tunnel, why, std::nullopt);
    }
    for (auto* tunnel : carried) {
        // The peer cannot find us; so we call, whoever did before.
        if (peer.whereabouts.can_be_called() || tunnel->config->on_silence != config::LossAction::restart) {
            tunnel->wish.bring_back(tunnel->config->on_silence);
        }
    }
    peer.whereabouts.our_end_changed(now_);
    peer.whereabouts.fell_silent(now_);
    reset_backoff(peer);
}

bool Engine::Impl::we_may_call(const Peer& peer, const Tunnel& tunnel) {
    return peer.whereabouts.can_be_called() && tunnel.config->on_silence == config::LossAction::restart;
}

void Engine::Impl::watch_own_names() {
    std::vector<std::string> names;
    for (const auto& peer : model_->peers) {
        if (auto name = config::own_name_of(peer)) {
            names.push_back(std::move(*name));
        }
    }
    own_names_.set_names(names, {model_->options.lookup_floor, model_->options.lookup_ceiling}, now_);
}

OurEnds Engine::Impl::our_ends(const std::string& own_name) const {
    OurEnds ends;
    for (const auto& peer : peers_) {
        if (config::own_name_of(*peer->config) != own_name) {
            continue;
        }
        auto local = local_in_use(*peer);
        if (const auto next = peer->whereabouts.next_path(); !local && next) {
            local = next->local;
        }
        if (local) {
            const auto* standing = usable_sa(*peer);
            ends.add(*local, standing != nullptr && standing->session->nat().local ? OurEnds::Nat::found
                                                                                   : OurEnds::Nat::none_seen);
        }
    }
    return ends;
}

void Engine::Impl::on(NameDone&& done) {
    if (!shutting_down_) {
        const auto ends = our_ends(done.name);
        perform(own_names_.answered(std::move(done), ends, now_));
    }
}

void Engine::Impl::compare_own_names() {
    while (const auto name = shutting_down_ ? std::nullopt : own_names_.doubted()) {
        perform(own_names_.compare(*name, our_ends(*name), now_));
    }
}

void Engine::Impl::perform(OwnNames::Changes&& changes) {
    for (auto& change : changes) {
        std::visit([this](auto&& one) { perform(std::forward<decltype(one)>(one)); }, std::move(change));
    }
}

/// What was refused because of our name may be accepted as soon as the peer's name server has heard of it.
void Engine::Impl::perform(OwnNames::RecognisableAgain&& again) {
    for (auto& peer : peers_) {
        if (config::own_name_of(*peer->config) == again.name && searching(*peer)) {
            peer->whereabouts.our_end_changed(now_);
            network_is_back(*peer);
            pursue(*peer);
        }
    }
}

}  // namespace causeway::ike
