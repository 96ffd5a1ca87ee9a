#include "doctor/judge.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "base/sort.hpp"
#include "doctor/judge_machine.hpp"
#include "doctor/judge_peer.hpp"
#include "doctor/judge_tunnel.hpp"
#include "doctor/standing.hpp"
#include "doctor/steps.hpp"

namespace causeway::doctor {
namespace {

/// Somebody calls in vain while a peer is not there: the two may be one.
std::optional<Step> judge_strangers(const Examination& seen) {
    const auto& engine = seen.status.engine;
    const bool missing = std::ranges::any_of(
        engine.peers, [](const status::Peer& peer) { return isakmp_sa_of(peer) == nullptr && !is_up(peer); });
    if (!missing || engine.strangers.empty()) {
        return std::nullopt;
    }
    const status::Stranger& last = engine.strangers.front();
    return wrong({Layer::phase1},
                 finding<FindingId::doctor_stranger>(field<"address">(last.address),
                                                     field<"why">(last.why.what.message)),
                 Stops::phase1);
}

}  // namespace

std::optional<std::size_t> verdict_of(const std::vector<Step>& steps) {
    std::optional<std::size_t> found;
    const auto key = [&](std::size_t index) {
        const Step& step = steps[index];
        return std::tuple(step.stops, step.certainty, step.layer);
    };
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].state == State::wrong && (!found || key(i) < key(*found))) {
            found = i;
        }
    }
    return found;
}

Report judge(const Examination& seen) {
    Report report;
    report.connection = seen.connection;
    report.running = seen.running;
    report.version = seen.status.daemon.version;
    report.config_file = seen.running ? seen.status.daemon.config_file : seen.file.path;
    report.steps = judge_machine(seen);
    for (const status::Peer& peer : seen.status.engine.peers) {
        auto steps = judge_peer(seen, peer);
        for (const status::Tunnel& tunnel : peer.tunnels) {
            std::ranges::move(judge_tunnel(seen, peer, tunnel), std::back_inserter(steps));
        }
        sort_stably_by(steps, [](const Step& step) { return step.layer; });
        std::ranges::move(steps, std::back_inserter(report.steps));
    }
    if (auto stranger = judge_strangers(seen)) {
        report.steps.push_back(std::move(*stranger));
    }
    if (seen.status.engine.peers.size() <= 1) {
        sort_stably_by(report.steps, [](const Step& step) { return step.layer; });
    }
    report.verdict = verdict_of(report.steps);
    return report;
}

}  // namespace causeway::doctor
