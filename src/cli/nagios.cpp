#include "cli/nagios.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <vector>

#include "base/event.hpp"
#include "base/finding.hpp"
#include "status/status.hpp"

namespace causeway::cli {
namespace {

using status::Peer;
using status::Tunnel;

/// Reasons that are spelt out: the line is for a list of services, and `causeway status` has the rest.
constexpr std::size_t reasons_max = 3;
constexpr std::size_t reason_characters = 160;

std::string line(PluginState state, std::string_view text) {
    constexpr std::array<std::string_view, 4> words{"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    return fmt::format("CAUSEWAY {} - {}", words.at(static_cast<std::size_t>(state)), text);
}

/// Behind a bar everything is performance data.
std::string shown(std::string_view text) {
    std::string safe = printable(text, reason_characters);
    std::ranges::replace(safe, '|', '/');
    return safe;
}

std::string listed(const std::vector<std::string>& reasons) {
    std::string text;
    for (std::size_t i = 0; i < std::min(reasons.size(), reasons_max); ++i) {
        text += "; " + reasons[i];
    }
    return reasons.size() > reasons_max ? fmt::format("{}; and {} more", text, reasons.size() - reasons_max)
                                        : text;
}

struct Counts {
    std::size_t up = 0;
    std::size_t expected = 0;  ///< up or wanted
    std::size_t idle = 0;      ///< down, and nobody wants it up
    std::size_t ike_sas = 0;
};

void add_finding(std::vector<std::string>& reasons, const std::string& name, const status::Told& told) {
    if (told.severity != Severity::note) {
        reasons.push_back(shown(name.empty() ? told.message : name + ": " + told.message));
    }
}

/// What is wrong with one that is up, or may come up.
void add_warnings(std::vector<std::string>& reasons, const Tunnel& tunnel) {
    for (const auto& standing : tunnel.findings) {
        add_finding(reasons, tunnel.display_name, standing.what);
    }
    if (!tunnel.up()) {
        return;
    }
    if (tunnel.lamps.route != status::RouteLamp::placed && tunnel.findings.empty()) {
        reasons.push_back(
            shown(fmt::format("{}: route {}", tunnel.display_name,
                              status::route_lamps.at(static_cast<std::size_t>(tunnel.lamps.route)))));
    }
    if (tunnel.lamps.firewall == status::FirewallLamp::blocked) {
        reasons.push_back(shown(tunnel.display_name + ": firewall blocked"));
    }
}

std::string performance(const Counts& counts, std::size_t findings) {
    return fmt::format(" | tunnels={};;;0;{} idle={};;;0 ike_sas={};;;0 findings={};;;0", counts.up,
                       counts.expected, counts.idle, counts.ike_sas, findings);
}

}  // namespace

PluginLine plugin_line(const control::Status& status, bool of_one) {
    Counts counts;
    std::vector<std::string> down;
    std::vector<std::string> warnings;
    for (const Peer& peer : status.engine.peers) {
        counts.ike_sas +=
            static_cast<std::size_t>(std::ranges::count_if(peer.ike_sas, &status::IsakmpSa::up));
        for (const auto& standing : peer.findings) {
            add_finding(warnings, peer.display_name, standing.what);
        }
        for (const Tunnel& tunnel : peer.tunnels) {
            counts.up += tunnel.up() ? 1 : 0;
            counts.expected += tunnel.up() || tunnel.wanted ? 1 : 0;
            counts.idle += tunnel.up() || tunnel.wanted ? 0 : 1;
            if (!tunnel.up() && tunnel.wanted) {
                const std::string why = tunnel.why_down ? ": " + tunnel.why_down->message : "";
                down.push_back(shown(tunnel.display_name + " is down" + why));
            }
            add_warnings(warnings, tunnel);
        }
    }
    if (!of_one) {
        for (const status::Told& told : status.findings) {
            add_finding(warnings, "", told);
        }
    }
    const std::size_t findings = warnings.size();
    if (counts.expected + counts.idle == 0) {
        warnings.insert(warnings.begin(), "no tunnel is configured");
    }
    const PluginState state = !down.empty()       ? PluginState::critical
                              : !warnings.empty() ? PluginState::warning
                                                  : PluginState::ok;
    down.insert(down.end(), warnings.begin(), warnings.end());
    const std::string idle = counts.idle == 0 ? "" : fmt::format(", {} idle", counts.idle);
    const std::string text =
        fmt::format("{} of {} tunnel{} up{}{}{}", counts.up, counts.expected, counts.expected == 1 ? "" : "s",
                    idle, listed(down), performance(counts, findings));
    return {state, line(state, text)};
}

PluginLine plugin_unknown(std::string_view why) {
    return {PluginState::unknown, line(PluginState::unknown, shown(why))};
}

}  // namespace causeway::cli
