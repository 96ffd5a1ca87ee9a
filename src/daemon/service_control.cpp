// What people ask of a running daemon over its control socket: status, up and down, the firewall, an end.
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/service.hpp"
#include "daemon/status.hpp"

namespace causeway::daemon {

namespace {

status::RouteLamp lamp_of(dataplane::RouteState::Kind kind) {
    switch (kind) {
        case dataplane::RouteState::Kind::placed:
            return status::RouteLamp::placed;
        case dataplane::RouteState::Kind::shadowed:
            return status::RouteLamp::shadowed;
        case dataplane::RouteState::Kind::absent:
            break;
    }
    return status::RouteLamp::absent;
}

}  // namespace

void Service::perform(const ike::CommandOutcome& ended) {
    std::vector<std::unique_ptr<Waiting>> heard;
    for (auto& one : waiting_) {
        if (one->id == ended.id) {
            heard.push_back(std::move(one));
        }
    }
    std::erase(waiting_, nullptr);
    for (const auto& one : heard) {
        control_.reply(one->connection, reply_to(ended));
    }
}

// Whoever hung up does not wait any more.
void Service::forget(ConnectionId connection) {
    std::erase_if(waiting_, [connection](const auto& one) { return one->connection == connection; });
}

template <class Command>
void Service::command(ConnectionId connection, const std::string& name, bool up, bool wait,
                      unsigned timeout_seconds) {
    if (auto refused = control::refuse_unknown(name, *configuration_.model)) {
        return control_.reply(connection, *refused);
    }
    if (!wait) {
        input(Command{name, ike::CommandId{}});
        return control_.reply(connection,
                              {control::Exit::done, up ? "begun" : "taken down", {}, false, {}, {}});
    }
    auto waiting = std::make_unique<Waiting>();
    waiting->connection = connection;
    const auto id = waiting->id = ike::CommandId{++commands_given_};
    Waiting* key = waiting.get();
    waiting->timer = loop_.timer([this, key, timeout_seconds] {
        const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                        [key](const auto& one) { return one.get() == key; });
        if (found == waiting_.end()) {
            return;
        }
        const auto expired = std::move(*found);
        waiting_.erase(found);
        control_.reply(expired->connection,
                       {control::Exit::timed_out,
                        fmt::format("no outcome after {} s; causewayd goes on trying", timeout_seconds),
                        {},
                        false,
                        {},
                        {}});
    });
    waiting->timer.arm(host::now() + std::chrono::seconds(timeout_seconds));
    waiting_.push_back(std::move(waiting));
    input(Command{name, id});
}

void Service::request(ConnectionId connection, const control::Request& asked) {
    report({EventCode::control_request, {}, {{"what", std::string(control::name_of(asked))}}});
    if (std::holds_alternative<control::AskVersion>(asked)) {
        control_.reply(connection, {control::Exit::done, {}, {}, false, version_, {}});
    } else if (std::holds_alternative<control::AskStatus>(asked)) {
        control_.reply(connection, status());
    } else if (const auto* up = std::get_if<control::Up>(&asked)) {
        command<ike::CommandUp>(connection, up->name, true, up->wait, up->timeout_seconds);
    } else if (const auto* down = std::get_if<control::Down>(&asked)) {
        command<ike::CommandDown>(connection, down->name, false, down->wait, down->timeout_seconds);
    } else if (std::holds_alternative<control::ReloadConfiguration>(asked)) {
        control_.reply(connection, reload());
    } else if (const auto* level = std::get_if<control::SetLogLevel>(&asked)) {
        log_.set_level(level->level);
        control_.reply(connection, {control::Exit::done,
                                    fmt::format("log level is {}", level_name(level->level)),
                                    {},
                                    false,
                                    {},
                                    {}});
    } else if (const auto* wanted = std::get_if<control::AskFirewall>(&asked)) {
        control_.reply(connection, firewall(wanted->action));
    } else if (const auto* history = std::get_if<control::AskHistory>(&asked)) {
        if (auto refused = control::refuse_unknown(history->name, *configuration_.model)) {
            return control_.reply(connection, *refused);
        }
        history_.tell(*history, *configuration_.model,
                      [&](const control::Reply& part) { control_.reply(connection, part); });
    } else if (const auto* stopping = std::get_if<control::Stop>(&asked)) {
        control_.reply(connection, {control::Exit::done, "causewayd stops", {}, false, {}, {}});
        stop("asked to over the control socket", stopping->stay_closed);
    }
}

control::Reply Service::firewall(control::AskFirewall::Action action) {
    if (action == control::AskFirewall::Action::remove) {
        firewall_.remove();
        return {control::Exit::done, "removed; it is opened again by the next reload", {}, false, {}, {}};
    }
    if (action == control::AskFirewall::Action::apply) {
        firewall_.apply(*configuration_.model);
        look_at_firewall();
    }
    control::Reply reply{control::Exit::done, firewall_.text(), firewall_.rules(), false, {}, {}};
    for (const Finding& obstacle : firewall_.obstacles()) {
        reply.exit = control::Exit::no;
        reply.details.push_back("# " + obstacle.sentence());
    }
    if (!firewall_.failure().empty()) {
        reply.exit = control::Exit::no;
        reply.details.push_back("# " + firewall_.failure());
    }
    return reply;
}

std::map<std::string, Ways> Service::ways() {
    const auto states = plane_->route_states();
    std::map<std::string, Ways> ways;
    for (const auto& peer : configuration_.model->peers) {
        for (const auto& tunnel : peer.tunnels) {
            Ways& of = ways[tunnel.display_name];
            of.firewall = firewall_.lamp(tunnel.local.net, tunnel.remote.net);
            of.not_carried = plane_->not_carried(tunnel.remote.net);
            if (const auto state = states.find(tunnel.remote.net); state != states.end()) {
                of.route = lamp_of(state->second.kind);
                of.shadowed_by = state->second.by;
            }
        }
    }
    return ways;
}

control::Reply Service::status() {
    if (look_again_at_ && host::now() >= *look_again_at_) {
        look_at_firewall();
    }
    control::DaemonFacts facts;
    facts.version = version_;
    facts.pid = process_;
    facts.uptime_seconds = std::chrono::duration_cast<std::chrono::seconds>(host::now() - started_).count();
    facts.now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    facts.config_file = configuration_.file;
    facts.listening = ports_->listening();
    const auto plane = plane_->facts();
    facts.data_plane = {plane.kind, plane.device, plane.mtu, plane.note, plane.offloads, plane.dropped};
    const Instant now = host::now();
    control::Reply reply;
    reply.status = make_status(std::move(facts), engine_->status(now), *configuration_.model, now);
    add_lamps(reply.status->engine, ways());
    for (const Finding& obstacle : firewall_.obstacles()) {
        reply.status->daemon.obstacles.push_back(obstacle.sentence());
        reply.status->findings.push_back(status::told(obstacle));
    }
    for (auto& peer : reply.status->engine.peers) {
        for (auto& tunnel : peer.tunnels) {
            for (auto& sa : tunnel.sas) {
                if (const auto path = plane_->path_mtu(sa.id)) {
                    sa.path_mtu = path->octets;
                    sa.path_mtu_from = path->probed ? "probed" : "device";
                }
            }
        }
    }
    return reply;
}

}  // namespace causeway::daemon
