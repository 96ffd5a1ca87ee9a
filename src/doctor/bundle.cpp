#include "doctor/bundle.hpp"

#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "config/words.hpp"
#include "doctor/mask.hpp"
#include "doctor/mask_status.hpp"
#include "doctor/steps.hpp"

namespace causeway::doctor {
namespace {

using Kind = Mask::Kind;

std::string in_words(std::uint32_t seconds) {
    return config::in_words(std::chrono::seconds(seconds));
}

void learn_findings(Mask& mask, const Examination& seen) {
    for (const auto& told : seen.file.findings) {
        learn(mask, told);
    }
    if (seen.file.refused) {
        learn(mask, *seen.file.refused);
    }
}

Mask mask_for(const Examination& seen) {
    Mask mask;
    learn(mask, seen.status);
    learn_findings(mask, seen);
    mask.learn(seen.connection, Kind::connection);
    mask.learn(seen.file.path, Kind::file);
    for (const auto& [name, answer] : seen.names) {
        mask.learn(name, Kind::host);
    }
    if (seen.ping) {
        mask.learn(seen.ping->host, Kind::host);
    }
    return mask;
}

std::string_view start_word(const std::optional<config::StartAction>& start) {
    return !start                                   ? ""
           : *start == config::StartAction::start   ? ", kept up"
           : *start == config::StartAction::traffic ? ", started by traffic"
                                                    : ", started by the peer or by hand";
}

/// What is configured, a line each.
std::vector<std::string> configured(const status::Peer& peer) {
    const auto id = [](const std::string& text) { return text.empty() ? std::string("%any") : text; };
    std::vector<std::string> lines{
        fmt::format("{}: IKEv1 {}, peer at {}", peer.display_name, peer.mode, peer.gateway),
        fmt::format("  identities: ours {}, theirs {}", id(peer.local_id), id(peer.remote_id)),
        fmt::format("  Phase 1: {}; lifetime {}; DPD {}", fmt::join(peer.proposals, ", "),
                    in_words(peer.lifetime_seconds), peer.dpd ? "on" : "off")};
    for (const status::Tunnel& tunnel : peer.tunnels) {
        lines.push_back(fmt::format("  {}: {} === {}{}", tunnel.display_name, tunnel.local, tunnel.remote,
                                    start_word(tunnel.start)));
        lines.push_back(fmt::format("    Phase 2: {}; lifetime {}", fmt::join(tunnel.proposals, ", "),
                                    in_words(tunnel.lifetime_seconds)));
    }
    return lines;
}

/// Steps and verdict with everything masked that does not come from this program.
Report masked(Mask& mask, Report report) {
    for (Step& step : report.steps) {
        step.subject = mask.masked(step.subject);
        step.sentence = mask.masked(step.sentence);
        step.remedy = mask.masked(step.remedy);
    }
    return report;
}

}  // namespace

std::string bundle(const Examination& seen, const Report& report, const Marks& marks) {
    Mask mask = mask_for(seen);
    std::vector<std::string> lines;
    for (const auto& peer : seen.status.engine.peers) {
        for (std::string& line : configured(peer)) {
            lines.push_back(printable(line, 2048));
        }
    }
    for (const std::string& line : lines) {
        mask.read(line);
    }
    for (const Step& step : report.steps) {
        mask.read(step.subject);
        mask.read(step.sentence);
        mask.read(step.remedy);
    }
    mask.settle();
    std::string text = "---- causeway doctor: names and addresses are masked, keys are never shown ----\n";
    const auto& daemon = seen.status.daemon;
    text += seen.running
                ? fmt::format("causewayd {}, up for {}, data plane {}, MTU {}\n", daemon.version,
                              age(daemon.uptime_seconds), daemon.data_plane.kind, daemon.data_plane.mtu)
                : "causewayd is not running\n";
    for (const std::string& line : lines) {
        text += mask.masked(line) + '\n';
    }
    const Report shown = masked(mask, report);
    return text + '\n' + steps_text(shown, marks) + '\n' + verdict_text(shown) + "---- end ----\n";
}

}  // namespace causeway::doctor
