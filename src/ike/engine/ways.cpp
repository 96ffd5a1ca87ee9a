// Our own end: from which of our addresses a peer is reached, and what follows when that changes.
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
    own_addresses_ = std::move(changed.addresses);
    own_addresses_known_ = true;
    if (shutting_down_) {
        return;
    }
    perform(own_names_.our_addresses_changed(now_));
    for (auto& peer : peers_) {
        // What failed before failed under other circumstances.
        reset_backoff(*peer);
        const auto* standing = usable_sa(*peer);
        if (standing != nullptr) {
            ask_for_way(*peer, standing->remote.address);
        } else if (!peer->paths.empty() && (searching(*peer) || local_in_use(*peer))) {
            ask_for_way(*peer, peer->paths[peer->path % peer->paths.size()].remote);
        }
        start_lookup(*peer);
    }
}

bool Engine::Impl::is_gone(const IpAddress& local) const {
    return own_addresses_known_ && !local.is_loopback() && !local.is_link_local() &&
           !local.is_unspecified() &&
           std::find(own_addresses_.begin(), own_addresses_.end(), local) == own_addresses_.end();
}

/// The address of ours that the peer's SAs go by, or that it is being called from.
std::optional<IpAddress> Engine::Impl::local_in_use(const Peer& peer) const {
    if (const auto* standing = usable_sa(peer); standing != nullptr) {
        return standing->local.address;
    }
    for (const auto& tunnel : peer.tunnels) {
        if (const auto* carrier = tunnel->carrier(); carrier != nullptr) {
            return carrier->pair->local_outer.address;
        }
    }
    for (auto sa = sas_.rbegin(); sa != sas_.rend(); ++sa) {
        if ((*sa)->peer == &peer && !(*sa)->dead) {
            return (*sa)->local.address;
        }
    }
    return std::nullopt;
}

// An address that is gone is left when there is another one, not before: a line that comes back with the old
// one goes on where it stopped. An address that is still ours, but that packets to the peer do not leave by
// any more, is left make before break.
void Engine::Impl::follow_way(Peer& peer, const std::vector<Path>& paths) {
    if (paths.empty()) {
        return;
    }
    const auto used = local_in_use(peer);
    if (used && is_gone(*used)) {
        leave_address(peer, *used);
    }
    for (auto& sa : sas_) {
        if (sa->peer != &peer || sa->dead || !sa->initiator || sa->established() != nullptr) {
            continue;
        }
        const bool elsewhere = std::any_of(paths.begin(), paths.end(), [&](const Path& path) {
            return path.remote == sa->remote.address && path.local != sa->local.address;
        });
        if (elsewhere || is_gone(sa->local.address)) {
            sa->dead = true;
            peer.own_change = now_;
            reset_backoff(peer);
        }
    }
    const auto* standing = usable_sa(peer);
    for (const auto& path : paths) {
        if (standing == nullptr || path.remote != standing->remote.address) {
            continue;
        }
        const auto before = std::exchange(peer.way, path);
        // Only a way that has changed: a peer may have called an address of ours that is none of its way's.
        if (!before || before->remote != path.remote || before->local == path.local ||
            before->local != standing->local.address) {
            return;
        }
        report(EventCode::way_changed, peer.name,
               {{"remote", path.remote.text()},
                {"local", path.local.text()},
                {"before", before->local.text()},
                {"next", "Phase 1 is begun from there, beside the SA that stands"}});
        peer.own_change = now_;
        peer.moving = true;
        reset_backoff(peer);
        for (auto& tunnel : peer.tunnels) {
            tunnel->wanted = tunnel->wanted || (tunnel->carrier() != nullptr && we_may_call(peer, *tunnel));
        }
        return;
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
    peer.way.reset();
    for (auto& tunnel : peer.tunnels) {
        tunnel_lost(peer, *tunnel, why, std::nullopt);
    }
    for (auto* tunnel : carried) {
        // The peer cannot find us; so we call, whoever did before.
        tunnel->kept = tunnel->kept || we_may_call(peer, *tunnel);
        tunnel->wanted = tunnel->wanted || tunnel->kept;
        tunnel->trapped = tunnel->trapped || tunnel->config->on_silence == config::LossAction::traffic;
    }
    peer.own_change = now_;
    peer.silent_since = now_;
    reset_backoff(peer);
}

bool Engine::Impl::we_may_call(const Peer& peer, const Tunnel& tunnel) {
    return can_be_called(peer) && tunnel.config->on_silence == config::LossAction::restart;
}

bool Engine::Impl::repeat_after_change(IkeSa& sa) {
    if (!sa.initiator || sa.answered_from_peer || sa.peer == nullptr || !just_moved(*sa.peer)) {
        return false;
    }
    auto& peer = *sa.peer;
    auto& retransmission = *sa.retransmission;
    if (retransmission.tries == limits::retransmit_tries) {
        const auto why = sa.hint ? *sa.hint : unanswered(sa);
        remember_error(peer, why);
        explain_down(peer, why);
        command_failed(peer, nullptr, why);
    }
    if (sa.hint) {
        // A peer may take a repetition of what it has refused for a repetition.
        sa.dead = true;
        start_beside(peer, {sa.remote.address, sa.local.address});
        return true;
    }
    ++retransmission.tries;
    retransmission.interval = limits::own_change_retry;
    retransmission.next = now_ + retransmission.interval;
    ++messages_out_;
    outputs_.push_back(Transmit{sa.local, sa.remote, retransmission.datagram});
    return true;
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
        if (!local && !peer->paths.empty()) {
            local = peer->paths[peer->path % peer->paths.size()].local;  // the next attempt's
        }
        if (local) {
            const auto* standing = usable_sa(*peer);
            ends.add(*local, standing != nullptr && standing->progress().nat.local ? OurEnds::Nat::found
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
            peer->own_change = now_;
            network_is_back(*peer);
            pursue(*peer);
        }
    }
}

}  // namespace causeway::ike
