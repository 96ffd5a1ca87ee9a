// The configuration that is followed, and commands: what did not change stays up.
#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sort.hpp"
#include "ike/engine/impl.hpp"

namespace causeway::ike {

namespace {

bool same_phase1(const config::Peer& a, const config::Peer& b) {
    const auto same_proposals = std::equal(a.proposals.begin(), a.proposals.end(), b.proposals.begin(),
                                           b.proposals.end(), [](const auto& x, const auto& y) {
                                               return x.cipher == y.cipher && x.hash == y.hash &&
                                                      x.group == y.group && x.offered == y.offered;
                                           });
    const auto same_addresses =
        std::equal(a.addresses.begin(), a.addresses.end(), b.addresses.begin(), b.addresses.end(),
                   [](const auto& x, const auto& y) { return x.value == y.value; });
    const auto value = [](const auto& sourced) {
        return sourced ? std::optional(sourced->value) : std::nullopt;
    };
    return same_proposals && same_addresses && a.mode == b.mode && value(a.local_id) == value(b.local_id) &&
           value(a.remote_id) == value(b.remote_id) && a.remote_id_any == b.remote_id_any &&
           value(a.local_address) == value(b.local_address) && a.pre_shared_key == b.pre_shared_key &&
           a.lifetime == b.lifetime && a.nat_traversal == b.nat_traversal &&
           a.force_encapsulation == b.force_encapsulation && a.rekey == b.rekey &&
           a.liveness.enabled == b.liveness.enabled && a.liveness.idle == b.liveness.idle &&
           a.liveness.misses == b.liveness.misses;
}

bool same_phase2(const config::Tunnel& a, const config::Tunnel& b) {
    return a.display_name == b.display_name && a.local == b.local && a.remote == b.remote &&
           a.lifetime == b.lifetime && a.reqid == b.reqid &&
           std::equal(a.proposals.begin(), a.proposals.end(), b.proposals.begin(), b.proposals.end(),
                      [](const auto& x, const auto& y) {
                          return x.cipher == y.cipher && x.integrity == y.integrity && x.pfs == y.pfs &&
                                 x.offered == y.offered;
                      });
}

}  // namespace

void Engine::Impl::adopt_model(std::shared_ptr<const config::Model> model) {
    auto before = std::move(peers_);
    peers_.clear();
    std::multimap<std::string_view, std::unique_ptr<Peer>*> by_name;
    for (auto& peer : before) {
        by_name.emplace(peer->name, &peer);
    }
    // What is compared and taken down below still points into it.
    const auto old_model = std::exchange(model_, std::move(model));
    know_callers();
    for (const auto& config : model_->peers) {
        const auto [first, end] = by_name.equal_range(config.name);
        const auto old = std::find_if(first, end, [&](const auto& named) {
            return *named.second && same_phase1(*(*named.second)->config, config);
        });
        std::unique_ptr<Peer> peer;
        std::vector<std::unique_ptr<Tunnel>> old_tunnels;
        if (old != end) {
            peer = std::move(*old->second);
            old_tunnels = std::move(peer->tunnels);
            peer->tunnels.clear();
        } else {
            peer = std::make_unique<Peer>(config.name);
        }
        peer->config = &config;
        peer->whereabouts.configure(config, {model_->options.lookup_floor, model_->options.lookup_ceiling});
        for (const auto& tunnel : config.tunnels) {
            const auto kept = std::find_if(old_tunnels.begin(), old_tunnels.end(), [&](const auto& one) {
                return one && same_phase2(*one->config, tunnel);
            });
            if (kept != old_tunnels.end()) {
                (*kept)->wish.adopt(*(*kept)->config, tunnel);
                (*kept)->config = &tunnel;
                peer->tunnels.push_back(std::move(*kept));
                continue;
            }
            auto run = std::make_unique<Tunnel>(tunnel, now_);
            perform(*peer, *run, run->sas.set_partner(partner_of(*peer)));
            peer->tunnels.push_back(std::move(run));
        }
        for (auto& gone : old_tunnels) {
            if (gone) {
                // Its number may be another tunnel's now.
                for (auto* sa : peer->sas) {
                    sa->session->drop_negotiations_of(gone->config->reqid);
                }
                perform(*peer, *gone,
                        gone->sas.remove_all(finding<FindingId::no_longer_configured>(), ChildSas::Tell::peer,
                                             now_));
            }
        }
        peers_.push_back(std::move(peer));
    }
    for (auto& gone : before) {
        if (gone) {
            drop_peer_sas(*gone, finding<FindingId::no_longer_configured>(), Tell::peer);
        }
    }
    // Nothing points at a peer that is gone: its SAs are dead and swept before the next input.
    for (auto& sa : sas_) {
        if (!sa->over() && sa->peer == nullptr && !sa->established() && sa->session->model() != model_) {
            sa->end();
        }
    }
    sweep();
    list_peers();
    watch_own_names();
}

/// All that they are found by.
void Engine::Impl::list_peers() {
    by_name_.clear();
    by_reqid_.clear();
    static_cast<void>(take_not_called());
    peer_agenda_.clear();
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        Peer& peer = *peers_[i];
        peer.position = i;
        peer.scheduled = {};
        await_call(peer);
        by_name_.push_back(&peer);
        for (const auto& tunnel : peer.tunnels) {
            by_reqid_.push_back({tunnel->config->reqid, &peer, tunnel.get()});
        }
    }
    sort_uniquely_by(by_name_, [](const Peer* peer) { return std::string_view(peer->name); });
    sort_uniquely_by(by_reqid_, [](const Numbered& one) { return one.reqid; });
    list_places();
    stir_all();
}

void Engine::Impl::on(Reload&& reload) {
    adopt_model(std::move(reload.model));
    perform(own_names_.handle_timeout(now_));
    for (auto& peer : peers_) {
        pursue(*peer);
    }
}

void Engine::Impl::on(CommandUp&& command) {
    const auto found = find_named(command.name);
    if (found.empty()) {
        outputs_.push_back(
            CommandOutcome{.name = command.name,
                           .up = true,
                           .why = fmt::format("no peer or tunnel is called '{}'", command.name),
                           .id = command.id});
        return;
    }
    commands_.wait(command);
    for (const auto& one : found) {
        stir(*one.peer);
        one.tunnel->wish.raise_by_command();
        one.tunnel->retries.raised_by_command();
        one.peer->attempts.raised_by_command();
        pursue(*one.peer);
        if (!one.peer->whereabouts.can_be_called() && usable_sa(*one.peer) == nullptr) {
            command_failed(*one.peer, one.tunnel,
                           finding<FindingId::peer_has_no_address>(one.peer->config->place));
        }
    }
}

void Engine::Impl::on(CommandDown&& command) {
    const auto found = find_named(command.name);
    if (found.empty()) {
        outputs_.push_back(
            CommandOutcome{.name = command.name,
                           .why = fmt::format("no peer or tunnel is called '{}'", command.name),
                           .id = command.id});
        return;
    }
    for (const auto& one : found) {
        stir(*one.peer);
        one.tunnel->wish.take_down();
        perform(*one.peer, *one.tunnel,
                one.tunnel->sas.remove_all(finding<FindingId::taken_down>(), ChildSas::Tell::peer, now_));
        one.tunnel->retries.forget_renewal();
        one.tunnel->outage.go_on(now_, finding<FindingId::taken_down>());
    }
    for (const auto& one : found) {
        const bool idle = std::all_of(
            one.peer->tunnels.begin(), one.peer->tunnels.end(),
            [](const auto& tunnel) { return !tunnel->wish.wanted() && tunnel->sas.all().empty(); });
        if (idle) {
            for (auto* sa : one.peer->sas) {
                if (!sa->over()) {
                    close_ike_sa(*sa, finding<FindingId::taken_down>(), Tell::peer);
                }
            }
        }
    }
    outputs_.push_back(CommandOutcome{.name = command.name, .done = true, .id = command.id});
}

void Engine::Impl::on(CommandShutdown&&) {
    for (auto& peer : peers_) {
        for (auto& tunnel : peer->tunnels) {
            tunnel->wish.stop();
        }
        drop_peer_sas(*peer, finding<FindingId::stopping>(), Tell::peer);
    }
    shutting_down_ = true;
    stir_all();
}

}  // namespace causeway::ike
