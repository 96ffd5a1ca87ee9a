// What is wanted of each peer: when Phase 1 and Quick Mode begin, are tried again and given up; commands.
#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

namespace {

TunnelNames names_of(const Peer& peer, const Tunnel& tunnel) {
    return {peer.name, tunnel.config->name, tunnel.config->display_name};
}

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
    // What is compared and taken down below still points into it.
    const auto old_model = std::exchange(model_, std::move(model));
    know_callers();
    for (const auto& config : model_->peers) {
        const auto old = std::find_if(before.begin(), before.end(), [&](const auto& peer) {
            return peer && peer->name == config.name && same_phase1(*peer->config, config);
        });
        std::unique_ptr<Peer> peer;
        std::vector<std::unique_ptr<Tunnel>> old_tunnels;
        if (old != before.end()) {
            peer = std::move(*old);
            old_tunnels = std::move(peer->tunnels);
            peer->tunnels.clear();
        } else {
            peer = std::make_unique<Peer>();
            peer->name = config.name;
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
                perform(*peer, *gone,
                        gone->sas.remove_all(finding<FindingId::no_longer_configured>(), ChildSas::Tell::peer,
                                             now_));
            }
        }
        peers_.push_back(std::move(peer));
    }
    for (auto& gone : before) {
        if (gone) {
            drop_peer_sas(*gone, finding<FindingId::no_longer_configured>(), true);
        }
    }
    // Nothing points at a peer that is gone: its SAs are dead and swept before the next input.
    for (auto& sa : sas_) {
        if (!sa->dead && sa->peer == nullptr && !sa->established() && sa->session->model() != model_) {
            sa->dead = true;
        }
    }
    sweep();
    watch_own_names();
}

void Engine::Impl::on(Reload&& reload) {
    adopt_model(std::move(reload.model));
    perform(own_names_.handle_timeout(now_));
    for (auto& peer : peers_) {
        pursue(*peer);
    }
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
            if (sa->dead || !sa->session->may_begin_child()) {
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
    if (peer.rest_until && *peer.rest_until > now_ && !peer.suspected && !peer.moving) {
        peer.next_attempt = std::max(peer.next_attempt.value_or(now_), *peer.rest_until);
    }
    if (!phase1_needed || !peer.whereabouts.can_be_called() || peer.whereabouts.lookup_under_way() ||
        due_at(peer) > now_ || phase1_pending(peer, false)) {
        return;
    }
    peer.next_attempt.reset();
    start_lookup(peer);
}

void Engine::Impl::attempt_failed(Peer& peer, const Finding& why, bool another_group) {
    remember_error(peer, why);
    if (phase1_pending(peer, true)) {
        return;  // another address of the peer's is still being tried
    }
    if (another_group) {
        peer.next_attempt = now_ + jittered(limits::retry_first, 250);
        return;
    }
    ++peer.failures;
    peer.whereabouts.attempt_failed();
    const Duration pause = backoff(limits::retry_first, peer.failures);
    if (!peer.next_attempt || *peer.next_attempt <= now_) {
        peer.next_attempt = now_ + (peer.whereabouts.our_end_has_just_changed(now_)
                                        ? std::min<Duration>(pause, limits::own_change_retry)
                                        : jittered(pause, 250));
    }
    const bool give_up = peer.config->keying_tries != 0 && peer.failures >= peer.config->keying_tries;
    for (auto& tunnel : peer.tunnels) {
        if (tunnel->carrier() == nullptr) {
            tunnel->outage.explain(why);
            if (give_up) {
                tunnel->wish.give_up();
            } else {
                tunnel->wish.attempt_failed();
            }
        }
    }
    command_failed(peer, nullptr, why);
}

void Engine::Impl::peer_silent(Peer& peer, const Endpoint& remote, unsigned tries) {
    report(EventCode::peer_silent, peer.name,
           {{"remote", remote.text()},
            {"tries", std::to_string(tries)},
            {"next", "its SAs are dropped and built again"}});
    peer.whereabouts.fell_silent(now_);
    set_suspected(peer, false);
    const Loss loss{finding<FindingId::peer_silent>(), finding<FindingId::falls_silent>(field<"count">({}))};
    // ESP says nothing of who has it when nothing was ever answered.
    const auto* sa = usable_sa(peer);
    const bool never_answered = sa != nullptr && !sa->inquiry().ever_answered();
    const Instant made = sa != nullptr ? sa->established_at.value_or(now_) : now_;
    for (auto& tunnel : peer.tunnels) {
        const bool carried = tunnel->carrier() != nullptr;
        perform(peer, *tunnel, tunnel->sas.remove_all(loss.why, ChildSas::Tell::nobody, now_));
        tunnel_lost(peer, *tunnel, loss.why,
                    carried ? std::optional(tunnel->config->on_silence) : std::nullopt);
    }
    drop_peer_sas(peer, loss.why, false, Pending::kept);
    if (never_answered) {
        peer.setbacks.count(made, now_, random_);
        tell_of_setbacks(peer, loss, remote);
    }
    peer.next_attempt.reset();
    pursue(peer);
}

void Engine::Impl::drop_peer_sas(Peer& peer, const Finding& why, bool tell_peer, Pending pending) {
    for (auto& tunnel : peer.tunnels) {
        perform(peer, *tunnel,
                tunnel->sas.remove_all(why, tell_peer ? ChildSas::Tell::peer : ChildSas::Tell::nobody, now_));
        tunnel->retries.forget_renewal();
    }
    for (auto& sa : sas_) {
        if (sa->peer == &peer && !sa->dead && (pending == Pending::dropped || sa->established())) {
            close_ike_sa(*sa, why, tell_peer);
        }
    }
}

void Engine::Impl::close_ike_sa(IkeSa& sa, const Finding& why, bool tell_peer) {
    if (sa.dead) {
        return;
    }
    if (tell_peer && sa.established()) {
        sa.session->say_goodbye();
    }
    end_unfinished(sa, why);
    if (sa.established()) {
        report(EventCode::phase1_closed, sa.peer != nullptr ? sa.peer->name : std::string{},
               {{"remote", sa.remote().text()}, {"why", why.sentence()}});
    }
    still_due(sa);
    sa.dead = true;
}

void Engine::Impl::on(CommandUp&& command) {
    const auto found = find_named(command.name);
    if (found.empty()) {
        outputs_.push_back(CommandOutcome{command.name, true, false,
                                          fmt::format("no peer or tunnel is called '{}'", command.name),
                                          command.id});
        return;
    }
    commands_.wait(command);
    for (const auto& one : found) {
        one.tunnel->wish.raise_by_command();
        one.tunnel->retries.raised_by_command();
        one.peer->next_attempt.reset();
        one.peer->rest_until.reset();
        one.peer->setbacks.end_pause();
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
        outputs_.push_back(CommandOutcome{command.name, false, false,
                                          fmt::format("no peer or tunnel is called '{}'", command.name),
                                          command.id});
        return;
    }
    for (const auto& one : found) {
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
            for (auto& sa : sas_) {
                if (sa->peer == one.peer && !sa->dead) {
                    close_ike_sa(*sa, finding<FindingId::taken_down>(), true);
                }
            }
        }
    }
    outputs_.push_back(CommandOutcome{command.name, false, true, {}, command.id});
}

void Engine::Impl::on(CommandShutdown&&) {
    for (auto& peer : peers_) {
        for (auto& tunnel : peer->tunnels) {
            tunnel->wish.stop();
        }
        drop_peer_sas(*peer, finding<FindingId::stopping>(), true);
    }
    shutting_down_ = true;
}

void Engine::Impl::settle_commands() {
    if (commands_.anybody_waits()) {
        std::ranges::move(commands_.settle(tunnel_states(nullptr, nullptr)), std::back_inserter(outputs_));
    }
}

void Engine::Impl::command_failed(Peer& peer, const Tunnel* tunnel, const Finding& why) {
    if (commands_.anybody_waits()) {
        std::ranges::move(commands_.fail(tunnel_states(&peer, tunnel), why.sentence()),
                          std::back_inserter(outputs_));
    }
}

std::vector<Commands::TunnelState> Engine::Impl::tunnel_states(const Peer* concerned,
                                                               const Tunnel* only) const {
    std::vector<Commands::TunnelState> states;
    for (const auto& peer : peers_) {
        for (const auto& tunnel : peer->tunnels) {
            states.push_back({names_of(*peer, *tunnel), tunnel->carrier() != nullptr,
                              peer.get() == concerned && (only == nullptr || tunnel.get() == only)});
        }
    }
    return states;
}

std::vector<Engine::Impl::Found> Engine::Impl::find_named(const std::string& name) const {
    std::vector<Found> found;
    for (const auto& peer : peers_) {
        for (const auto& tunnel : peer->tunnels) {
            if (means(name, names_of(*peer, *tunnel))) {
                found.push_back({peer.get(), tunnel.get(), nullptr});
            }
        }
    }
    return found;
}

}  // namespace causeway::ike
