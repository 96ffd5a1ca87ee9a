#include "daemon/status.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "control/exit.hpp"
#include "status/told.hpp"

namespace causeway::daemon {
namespace {

void add_configured(status::Tunnel& to, const config::Tunnel& tunnel) {
    for (const auto& proposal : tunnel.proposals) {
        to.proposals.push_back(proposal.text());
    }
    to.lifetime_seconds = tunnel.lifetime.seconds;
    to.start = tunnel.start;
}

void add_configured(status::Peer& to, const config::Peer& peer) {
    to.mode = config::name_of(peer.mode);
    to.local_id = peer.local_id ? peer.local_id->value.text() : "";
    to.remote_id = peer.remote_id ? peer.remote_id->value.text() : peer.remote_id_any ? "%any" : "";
    for (const auto& proposal : peer.proposals) {
        to.proposals.push_back(proposal.text());
    }
    to.lifetime_seconds = peer.lifetime.seconds;
    to.dpd = peer.liveness.enabled;
    to.dpd_idle_seconds =
        static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(peer.liveness.idle).count());
    to.place = peer.place.known() ? peer.place.text() : "";
    for (status::Tunnel& tunnel : to.tunnels) {
        const auto configured =
            std::ranges::find(peer.tunnels, tunnel.display_name, &config::Tunnel::display_name);
        if (configured != peer.tunnels.end()) {
            add_configured(tunnel, *configured);
        }
    }
}

/// As the data plane chooses (esp/sa_table.hpp): in the order of the file, and one whose peer gives no sign
/// of life only where there is no other.
void add_backups(status::Engine& engine) {
    std::map<std::pair<std::string_view, std::string_view>, std::vector<status::Tunnel*>> groups;
    for (status::Peer& peer : engine.peers) {
        for (status::Tunnel& tunnel : peer.tunnels) {
            groups[{tunnel.local, tunnel.remote}].push_back(&tunnel);
        }
    }
    for (const auto& [networks, group] : groups) {
        auto carrier =
            std::ranges::find_if(group, [](const auto* one) { return one->up() && !one->doubted; });
        if (carrier == group.end()) {
            carrier = std::ranges::find_if(group, [](const auto* one) { return one->up(); });
        }
        for (status::Tunnel* tunnel : group) {
            if (tunnel->up() && tunnel != *carrier) {
                tunnel->stands_by_for = (*carrier)->display_name;
            }
        }
        if (carrier != group.end() && *carrier != group.front()) {
            (*carrier)->carries_in_place_of = group.front()->display_name;
        }
    }
}

status::TunnelLamp tunnel_lamp(const status::Peer& peer, const status::Tunnel& tunnel) {
    if (tunnel.up()) {
        return status::TunnelLamp::up;
    }
    const bool phase1 = std::ranges::any_of(peer.ike_sas, [](const status::IsakmpSa& sa) {
        return sa.state == status::IsakmpSaState::connecting;
    });
    const bool phase2 = std::ranges::any_of(
        tunnel.sas, [](const status::ChildSa& sa) { return sa.state == status::ChildSaState::negotiating; });
    return phase2 || (phase1 && tunnel.wanted) ? status::TunnelLamp::negotiating : status::TunnelLamp::down;
}

}  // namespace

void add_lamps(status::Engine& engine, const std::map<std::string, Ways>& ways) {
    for (status::Peer& peer : engine.peers) {
        for (status::Tunnel& tunnel : peer.tunnels) {
            tunnel.lamps.tunnel = tunnel_lamp(peer, tunnel);
            const auto found = ways.find(tunnel.display_name);
            if (found == ways.end()) {
                continue;
            }
            tunnel.not_carried = found->second.not_carried;
            tunnel.lamps.route = found->second.route;
            tunnel.lamps.firewall = found->second.firewall;
            if (!found->second.shadowed_by.empty()) {
                tunnel.findings.push_back(
                    {status::told(finding<FindingId::packets_routed_elsewhere>(
                         field<"remote">(tunnel.remote), field<"by">(found->second.shadowed_by))),
                     std::nullopt, 1});
            }
        }
    }
}

control::Status make_status(control::DaemonFacts facts, status::Engine engine, const config::Model& model,
                            Instant now) {
    control::Status status{
        .daemon = std::move(facts), .remarks = {}, .findings = {}, .engine = std::move(engine), .taken = now};
    for (const Finding& finding : model.findings) {
        if (finding.severity != Severity::note) {
            status.remarks.push_back(finding.text());
            status.findings.push_back(status::told(finding));
        }
    }
    std::size_t place = 0;
    for (status::Peer& peer : status.engine.peers) {
        // They stand in the same order, as a rule.
        const bool there = place < model.peers.size() && model.peers[place].name == peer.name;
        const auto configured = there ? model.peers.begin() + static_cast<std::ptrdiff_t>(place)
                                      : std::ranges::find(model.peers, peer.name, &config::Peer::name);
        ++place;
        if (configured != model.peers.end()) {
            add_configured(peer, *configured);
        }
    }
    add_backups(status.engine);
    return status;
}

control::Reply reply_to(const ike::CommandOutcome& outcome) {
    const std::string subject = outcome.name.empty() ? "everything" : fmt::format("'{}'", outcome.name);
    const std::string_view wish = outcome.up ? "up" : "down";
    control::Reply reply;
    reply.exit = outcome.done ? control::Exit::done : control::Exit::no;
    reply.message =
        outcome.done ? fmt::format("{} is {}", subject, wish) : fmt::format("{} is not {}", subject, wish);
    if (!outcome.why.empty()) {
        reply.message += ": " + outcome.why;
    }
    return reply;
}

}  // namespace causeway::daemon
