#include "doctor/bundle.hpp"

#include <array>
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
#include "doctor/gateways.hpp"
#include "doctor/mask.hpp"
#include "doctor/steps.hpp"

namespace causeway::doctor {
namespace {

using Kind = Mask::Kind;

std::string in_words(std::uint32_t seconds) {
    return config::in_words(std::chrono::seconds(seconds));
}

/// Where and who the ends are, and what was agreed on with them.
void learn_peer(Mask& mask, const status::Peer& peer) {
    for (const status::Tunnel& tunnel : peer.tunnels) {
        mask.learn(tunnel.name, Kind::tunnel);
        mask.learn(tunnel.display_name, Kind::tunnel);
    }
    mask.learn(peer.name, Kind::connection);
    mask.learn(peer.display_name, Kind::connection);
    for (const std::string& gateway : gateways_of(peer)) {
        mask.learn(gateway, Kind::host);
    }
    mask.learn(peer.own_name, Kind::host);
    mask.learn(peer.local_id, Kind::identity);
    mask.learn(peer.remote_id, Kind::identity);
    for (const status::IsakmpSa& sa : peer.ike_sas) {
        mask.learn(sa.local_id, Kind::identity);
        mask.learn(sa.remote_id, Kind::identity);
    }
}

/// What a finding was made of: the fields that name somebody.
void learn_told(Mask& mask, const status::Told& told) {
    constexpr std::array<std::pair<std::string_view, Kind>, 9> naming{{{"name", Kind::host},
                                                                       {"own", Kind::host},
                                                                       {"received", Kind::identity},
                                                                       {"expected", Kind::identity},
                                                                       {"identity", Kind::identity},
                                                                       {"connection", Kind::connection},
                                                                       {"peer", Kind::connection},
                                                                       {"tunnel", Kind::tunnel},
                                                                       {"other", Kind::connection}}};
    for (const auto& [field, kind] : naming) {
        if (const auto value = told.fields.find(std::string(field)); value != told.fields.end()) {
            mask.learn(value->second, kind);
        }
    }
    for (const status::Location& location : told.locations) {
        mask.learn(location.file, Kind::file);
    }
}

void learn_findings(Mask& mask, const Examination& seen) {
    for (const auto& told : seen.status.findings) {
        learn_told(mask, told);
    }
    for (const auto& told : seen.file.findings) {
        learn_told(mask, told);
    }
    if (seen.file.refused) {
        learn_told(mask, *seen.file.refused);
    }
    for (const auto& stranger : seen.status.engine.strangers) {
        learn_told(mask, stranger.why.what);
    }
    for (const auto& peer : seen.status.engine.peers) {
        if (peer.last_error) {
            learn_told(mask, *peer.last_error);
        }
        for (const auto& standing : peer.findings) {
            learn_told(mask, standing.what);
        }
        for (const auto& tunnel : peer.tunnels) {
            if (tunnel.why_down) {
                learn_told(mask, *tunnel.why_down);
            }
            for (const auto& standing : tunnel.findings) {
                learn_told(mask, standing.what);
            }
        }
    }
}

Mask mask_for(const Examination& seen) {
    Mask mask;
    for (const auto& peer : seen.status.engine.peers) {
        learn_peer(mask, peer);
    }
    learn_findings(mask, seen);
    mask.learn(seen.connection, Kind::connection);
    mask.learn(seen.status.daemon.config_file, Kind::file);
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
