#include "doctor/judge_machine.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <string>
#include <utility>

#include "base/findings.hpp"
#include "base/ports.hpp"
#include "config/default_file.hpp"
#include "doctor/steps.hpp"

namespace causeway::doctor {
namespace {

using status::Told;

bool is_obstacle(const Examination& seen, const Told& told) {
    const auto& obstacles = seen.status.daemon.obstacles;
    return std::ranges::find(obstacles, told.sentence()) != obstacles.end();
}

/// Errors and warnings of the file.
std::vector<Told> file_findings(const Examination& seen) {
    std::vector<Told> findings;
    std::ranges::copy_if(seen.running ? seen.status.findings : seen.file.findings,
                         std::back_inserter(findings),
                         [&](const Told& one) { return !is_obstacle(seen, one); });
    return findings;
}

/// With the place in front.
Told placed(Told told) {
    if (!told.locations.empty()) {
        const auto& at = told.locations.front();
        told.message = at.line == 0 ? fmt::format("{}: {}", at.file, told.message)
                                    : fmt::format("{}:{}: {}", at.file, at.line, told.message);
    }
    return told;
}

Step judge_configuration(const Examination& seen) {
    const About about{Layer::configuration};
    const std::string& path = seen.running ? seen.status.daemon.config_file : seen.file.path;
    if (!seen.running && path.empty()) {
        return wrong(about,
                     finding<FindingId::doctor_no_configuration>(
                         field<"files">(fmt::format("{}", fmt::join(config::default_files, ", ")))),
                     Stops::start);
    }
    if (!seen.running && seen.file.refused) {
        return wrong(about, placed(*seen.file.refused), Stops::start);
    }
    const auto findings = file_findings(seen);
    const auto error = std::ranges::find(findings, Severity::error, &Told::severity);
    const bool nothing = seen.status.engine.peers.empty();
    if (error != findings.end()) {
        // Beside connections that are in use, an error is about another one.
        const auto stops = nothing ? Stops::start : seen.connection.empty() ? Stops::phase1 : Stops::nothing;
        return wrong(about, placed(*error), stops);
    }
    if (nothing) {
        return wrong(about, finding<FindingId::doctor_nothing_configured>(field<"file">(path)), Stops::start);
    }
    const auto warnings = std::ranges::count(findings, Severity::warning, &Told::severity);
    return ok(about, warnings == 0
                         ? fmt::format("{} has no errors", path)
                         : fmt::format("{} has no errors; 'causeway config check {}' shows {}", path, path,
                                       counted(static_cast<std::uint64_t>(warnings), "warning")));
}

Step judge_daemon(const Examination& seen) {
    const About about{Layer::daemon};
    if (!seen.running) {
        return wrong(about, finding<FindingId::doctor_no_daemon>(field<"why">(seen.not_running)),
                     Stops::daemon);
    }
    const auto& daemon = seen.status.daemon;
    return ok(about, fmt::format("causewayd {} has been running for {}", daemon.version,
                                 age(daemon.uptime_seconds)));
}

Step judge_sockets(const Examination& seen) {
    const About about{Layer::sockets};
    if (!seen.running) {
        if (!seen.taken_ports) {
            return unknown(about, "this machine does not say who uses UDP 500 and 4500");
        }
        if (seen.taken_ports->empty()) {
            return ok(about, "UDP 500 and 4500 are free");
        }
        const TakenPort& taken = seen.taken_ports->front();
        return wrong(about,
                     finding<FindingId::doctor_port_taken>(field<"port">(std::to_string(taken.port)),
                                                           field<"program">(taken.program)),
                     Stops::start);
    }
    std::vector<std::string> on;
    for (const auto port : {ike_port, nat_t_port}) {
        bool found = false;
        for (const Endpoint& endpoint : seen.status.daemon.listening) {
            if (endpoint.port != port) {
                continue;
            }
            found = true;
            if (std::string text = endpoint.address.text(); std::ranges::find(on, text) == on.end()) {
                on.push_back(std::move(text));
            }
        }
        if (!found) {
            return wrong(about, finding<FindingId::doctor_not_listening>(field<"port">(std::to_string(port))),
                         Stops::phase1);
        }
    }
    return ok(about, fmt::format("listening on UDP 500 and 4500 of {}", fmt::join(on, ", ")));
}

/// A tunnel of a network, not of this machine alone.
bool forwards(const control::Status& status) {
    return std::ranges::any_of(status.engine.peers, [](const status::Peer& peer) {
        return std::ranges::any_of(
            peer.tunnels, [](const status::Tunnel& tunnel) { return !tunnel.local.ends_with("/32"); });
    });
}

bool is_blocked(const control::Status& status) {
    return std::ranges::any_of(status.engine.peers, [](const status::Peer& peer) {
        return std::ranges::any_of(peer.tunnels, [](const status::Tunnel& tunnel) {
            return tunnel.lamps.firewall == status::FirewallLamp::blocked;
        });
    });
}

void judge_firewall(const Examination& seen, std::vector<Step>& steps) {
    const About about{Layer::firewall};
    const auto before = steps.size();
    const bool needed = forwards(seen.status);
    if (needed && seen.ip_forward == "0") {
        steps.push_back(wrong(about, finding<FindingId::doctor_not_forwarding>(), Stops::packets));
    }
    for (const Told& told : seen.status.findings) {
        // The daemon looks now and then; forwarding was asked for just now.
        if (is_obstacle(seen, told) && told.code != text(Code::forwarding_off)) {
            steps.push_back(wrong(about, told, Stops::packets));
        }
    }
    if (steps.size() != before) {
        return;
    }
    const std::string forwarding = !needed           ? "nothing has to be forwarded"
                                   : seen.ip_forward ? "IP forwarding is on"
                                                     : "whether IP forwarding is on cannot be read";
    if (!seen.running) {
        steps.push_back(unknown(about, forwarding + "; the rules are known to the running daemon only"));
    } else if (is_blocked(seen.status)) {
        steps.push_back(ok(about, forwarding));
    } else if (needed && !seen.ip_forward) {
        steps.push_back(unknown(about, forwarding));
    } else {
        steps.push_back(
            ok(about, fmt::format("{}, and no rule is known to drop the tunnels' packets{}", forwarding,
                                  seen.firewall.empty() ? "" : " (" + seen.firewall + ")")));
    }
}

Step judge_device(const Examination& seen) {
    const About about{Layer::device};
    if (!seen.running) {
        if (!seen.tun_error) {
            return unknown(about, "/dev/net/tun can be tried by root only");
        }
        return seen.tun_error->empty()
                   ? ok(about, "/dev/net/tun can be opened")
                   : wrong(about, finding<FindingId::doctor_no_tun>(field<"why">(*seen.tun_error)),
                           Stops::start);
    }
    const auto& plane = seen.status.daemon.data_plane;
    const std::string note = plane.note.empty() ? "" : "; " + plane.note;
    if (plane.device.empty()) {
        return plane.kind.empty()
                   ? unknown(about, "the daemon names none")
                   : ok(about, fmt::format("{}, without a device of its own{}", plane.kind, note));
    }
    const auto device = seen.devices.find(plane.device);
    if (device == seen.devices.end() || !device->second) {
        if (seen.devices.empty()) {
            return unknown(about, "this machine does not list its devices");
        }
        return wrong(about,
                     finding<FindingId::doctor_device_gone>(
                         field<"device">(plane.device),
                         field<"state">(device == seen.devices.end() ? "does not exist" : "is down")),
                     Stops::packets);
    }
    return ok(about, fmt::format("{} is up{} ({}){}", plane.device,
                                 plane.mtu == 0 ? "" : fmt::format(", MTU {}", plane.mtu), plane.kind, note));
}

}  // namespace

std::vector<Step> judge_machine(const Examination& seen) {
    std::vector<Step> steps{judge_configuration(seen), judge_daemon(seen), judge_sockets(seen)};
    judge_firewall(seen, steps);
    steps.push_back(judge_device(seen));
    return steps;
}

}  // namespace causeway::doctor
