#include "doctor/judge_tunnel.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>

#include "base/findings.hpp"
#include "doctor/routing.hpp"
#include "doctor/standing.hpp"
#include "doctor/steps.hpp"

namespace causeway::doctor {
namespace {

/// Fewer packets without an answer are a coincidence.
constexpr std::uint64_t few_packets = 10;

bool has_obstacles(const Examination& seen) {
    return !seen.status.daemon.obstacles.empty() || seen.ip_forward == "0";
}

/// One that is not ours, behind the network's own address.
IpAddress host_in(const Examination& seen, const Ipv4Net& net) {
    for (std::uint32_t address = net.first(); address < net.last(); ++address) {
        const auto host = IpAddress::v4(address + 1);
        if (std::ranges::find(seen.addresses, host, &OwnAddress::address) == seen.addresses.end()) {
            return host;
        }
    }
    return IpAddress::v4(net.first());
}

/// Networks whose route is in a table of the tunnels' own (ARCHITECTURE.md, Fail closed): everything, and one that the peer's
/// own address lies in.
bool has_own_table(const Examination& seen, const status::Peer& peer, const Ipv4Net& net) {
    const auto inside = [&](const IpAddress& address) {
        return address.is_v4() && net.contains(address.v4_number());
    };
    return std::ranges::any_of(peer.ike_sas,
                               [&](const status::IsakmpSa& sa) { return inside(sa.remote.address); }) ||
           std::ranges::any_of(seen.ways, [&](const auto& way) { return inside(way.first); });
}

/// By the main table, where the daemon does not tell or the table tells more.
Step judge_table(const Examination& seen, const status::Peer& peer, const status::Tunnel& tunnel,
                 About about) {
    const std::string& device = seen.status.daemon.data_plane.device;
    const auto net = Ipv4Net::parse(tunnel.remote);
    const bool shadowed = tunnel.lamps.route == status::RouteLamp::shadowed;
    if (!net || device.empty() || !seen.routes || (!shadowed && has_own_table(seen, peer, *net))) {
        return shadowed ? wrong(about,
                                finding<FindingId::doctor_remote_elsewhere>(
                                    field<"network">(tunnel.remote), field<"device">("another device")),
                                Stops::packets)
                        : unknown(about, fmt::format("of {}: not in the main routing table", tunnel.remote));
    }
    const Route* route = route_to(*seen.routes, host_in(seen, *net));
    if (route != nullptr && route->device == device && !route->reject && !shadowed) {
        return ok(about, fmt::format("{} goes into the tunnel ({})", tunnel.remote, device));
    }
    const bool elsewhere = shadowed || (route != nullptr && !route->reject && route->net.prefix != 0);
    const bool named = route != nullptr && !route->reject && route->device != device;
    return elsewhere
               ? wrong(about,
                       finding<FindingId::doctor_remote_elsewhere>(
                           field<"network">(tunnel.remote),
                           field<"device">(named ? route->device : "another device")),
                       Stops::packets)
               : wrong(about, finding<FindingId::doctor_remote_not_routed>(field<"network">(tunnel.remote)),
                       Stops::packets);
}

void judge_route(const Examination& seen, const status::Peer& peer, const status::Tunnel& tunnel,
                 std::vector<Step>& steps) {
    const About about{Layer::route, tunnel.display_name};
    if (!tunnel.wanted) {
        return;
    }
    steps.push_back(tunnel.lamps.route == status::RouteLamp::placed
                        ? ok(about, fmt::format("{} goes into the tunnel", tunnel.remote))
                        : judge_table(seen, peer, tunnel, about));
    if (!tunnel.not_carried.empty()) {
        steps.push_back(unknown(about, tunnel.not_carried));
    }
}

Step judge_phase2(const Examination& seen, const status::Peer& peer, const status::Tunnel& tunnel) {
    const About about{Layer::phase2, tunnel.display_name};
    if (const auto* sa = child_sa_of(tunnel)) {
        const auto since = status::seconds_ago(sa->established, seen.status.taken);
        return ok(
            about,
            fmt::format("{} === {} installed{} ({}, ESP{}){}", tunnel.local, tunnel.remote,
                        since ? fmt::format(" {} ago", age(*since)) : "", sa->suite, sa->udp ? " in UDP" : "",
                        tunnel.stands_by_for.empty() ? "" : "; stands by for " + tunnel.stands_by_for));
    }
    if (!tunnel.wanted) {
        // Meant so: whatever else is found comes first.
        return wrong(about, finding<FindingId::doctor_taken_down>(field<"tunnel">(tunnel.display_name)),
                     Stops::nothing);
    }
    const auto* why = tunnel.why_down ? &*tunnel.why_down : nullptr;
    const bool phase1 = isakmp_sa_of(peer) != nullptr;
    if (why != nullptr && why->severity != Severity::note && layer_of(why->code, phase1) == Layer::phase2) {
        return wrong(about, *why, Stops::phase2);
    }
    if (!phase1) {
        return skipped(about, fmt::format("{} === {} waits for Phase 1", tunnel.local, tunnel.remote));
    }
    return unknown(about, fmt::format("{} === {} is not installed{}{}", tunnel.local, tunnel.remote,
                                      why != nullptr ? ": " + why->message : "",
                                      tunnel.next.empty() ? "" : "; next: " + tunnel.next));
}

/// Of all its pairs: a new one begins with nothing.
sa::Usage usage_of(const status::Tunnel& tunnel) {
    sa::Usage sum;
    for (const status::ChildSa& sa : tunnel.sas) {
        sum.packets_in += sa.usage.packets_in;
        sum.packets_out += sa.usage.packets_out;
        sum.dropped_integrity += sa.usage.dropped_integrity;
        if (sa.usage.last_in) {
            sum.last_in = sum.last_in ? std::max(*sum.last_in, *sa.usage.last_in) : sa.usage.last_in;
        }
    }
    return sum;
}

Step judge_counters(const Examination& seen, const status::Tunnel& tunnel, const status::ChildSa& sa) {
    const About about{Layer::counters, tunnel.display_name};
    const auto usage = usage_of(tunnel);
    const std::string text =
        fmt::format("{} in, {} out", counted(usage.packets_in, "packet"), usage.packets_out);
    if (usage.packets_in == 0 && usage.dropped_integrity >= few_packets) {
        return wrong(about,
                     finding<FindingId::doctor_all_damaged>(
                         field<"count">(std::to_string(usage.dropped_integrity)), field<"suite">(sa.suite)),
                     Stops::packets);
    }
    if (usage.packets_in == 0 && usage.packets_out >= few_packets) {
        return wrong(
            about, finding<FindingId::doctor_nothing_comes>(field<"sent">(std::to_string(usage.packets_out))),
            Stops::packets);
    }
    if (usage.packets_out == 0 && usage.packets_in >= few_packets) {
        return wrong(
            about,
            finding<FindingId::doctor_nothing_goes>(field<"received">(std::to_string(usage.packets_in))),
            Stops::packets);
    }
    if (usage.packets_in == 0 || usage.packets_out == 0) {
        return unknown(about, text + ": too few to tell");
    }
    const auto last = status::seconds_ago(usage.last_in, seen.status.taken);
    return ok(about, text + (last ? fmt::format(", the last came {} ago", age(*last)) : ""));
}

Step judge_path_mtu(const status::Tunnel& tunnel, const status::ChildSa& sa) {
    const About about{Layer::path_mtu, tunnel.display_name};
    if (sa.path_mtu == 0) {
        return unknown(about, "not known");
    }
    if (sa.path_mtu_from == "probed") {
        return ok(about, fmt::format("{} octets (probed)", sa.path_mtu));
    }
    return unknown(about,
                   fmt::format("the device's is {} octets; the path is probed when TCP begins in the tunnel, "
                               "and has not been yet",
                               sa.path_mtu));
}

/// The host that was pinged, where it is this tunnel's.
Step judge_far_host(const Examination& seen, const status::Tunnel& tunnel) {
    const About about{Layer::far_host, tunnel.display_name};
    const auto remote = Ipv4Net::parse(tunnel.remote);
    if (!seen.no_source.empty() && seen.no_source == tunnel.local) {
        return unknown(
            about,
            fmt::format("this machine has no address in {}: ping from a host of that network", tunnel.local));
    }
    if (!seen.ping || !remote || !seen.ping->address.is_v4() ||
        !remote->contains(seen.ping->address.v4_number())) {
        return skipped(about, fmt::format("'--ping HOST' pings a host in {}", tunnel.remote));
    }
    const Ping& ping = *seen.ping;
    if (ping.received > 0) {
        const auto best = ping.best ? std::chrono::duration<double, std::milli>(*ping.best).count() : 0;
        return ok(about, fmt::format("{} answers {} of {} pings from {} in {:.1f} ms", ping.address.text(),
                                     ping.received, ping.sent, ping.source.text(), best));
    }
    if (!ping.error.empty()) {
        return wrong(about,
                     finding<FindingId::doctor_ping_failed>(field<"host">(ping.address.text()),
                                                            field<"source">(ping.source.text()),
                                                            field<"why">(ping.error)),
                     Stops::packets);
    }
    return wrong(about,
                 finding<FindingId::doctor_far_host_silent>(field<"host">(ping.address.text()),
                                                            field<"sent">(std::to_string(ping.sent)),
                                                            field<"source">(ping.source.text())),
                 Stops::packets);
}

}  // namespace

std::vector<Step> judge_tunnel(const Examination& seen, const status::Peer& peer,
                               const status::Tunnel& tunnel) {
    std::vector<Step> steps;
    if (!seen.running) {
        steps.push_back(skipped({Layer::phase2, tunnel.display_name},
                                fmt::format("{} === {} waits for Phase 1", tunnel.local, tunnel.remote)));
        return steps;
    }
    const auto* sa = child_sa_of(tunnel);
    const auto standing =
        standing_steps(tunnel.findings, tunnel.display_name, isakmp_sa_of(peer) != nullptr, sa != nullptr,
                       tunnel.why_down ? std::string_view(tunnel.why_down->code) : std::string_view());
    const auto is_told = [&](Layer layer) {
        return std::ranges::find(standing, layer, &Step::layer) != standing.end();
    };
    if (!is_told(Layer::route)) {
        judge_route(seen, peer, tunnel, steps);
    }
    if (tunnel.lamps.firewall == status::FirewallLamp::blocked && !has_obstacles(seen) &&
        !is_told(Layer::firewall)) {
        steps.push_back(wrong({Layer::firewall, tunnel.display_name},
                              finding<FindingId::doctor_firewall_blocks>(
                                  field<"local">(tunnel.local), field<"remote">(tunnel.remote),
                                  field<"device">(seen.status.daemon.data_plane.device)),
                              Stops::packets));
    }
    steps.push_back(judge_phase2(seen, peer, tunnel));
    if (sa != nullptr) {
        if (!is_told(Layer::counters)) {
            steps.push_back(judge_counters(seen, tunnel, *sa));
        }
        if (!is_told(Layer::path_mtu)) {
            steps.push_back(judge_path_mtu(tunnel, *sa));
        }
        steps.push_back(judge_far_host(seen, tunnel));
    } else if (seen.ping) {
        steps.push_back(skipped({Layer::far_host, tunnel.display_name}, "not judged: the tunnel is not up"));
    }
    std::ranges::copy(standing, std::back_inserter(steps));
    return steps;
}

}  // namespace causeway::doctor
