// What a gateway says of a tunnel that is down. All pairs of a run are sound: whatever goes wrong is between them, so
// nothing is ever proved against keys, identities, proposals or networks, nor even likely while the lines are whole; and
// who waits for a minute knows why.
#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <string>
#include <string_view>

#include "sim/simulation.hpp"

namespace causeway::sim {

namespace {

constexpr Duration between_looks = std::chrono::seconds(20);
constexpr Duration known_within = std::chrono::minutes(1);

/// Causes that lie in the configuration of one end or of both. What the ends have found out about NAT decides how ESP goes,
/// so encapsulation-differs is none.
constexpr std::array<std::string_view, 25> of_configurations{
    "psk-differs",
    "psk-encoding-differs",
    "secret-not-found",
    "id-differs",
    "id-type-differs",
    "id-missing",
    "ids-swapped",
    "mode-mismatch",
    "aggressive-refused",
    "auth-method-differs",
    "no-common-suite",
    "phase1-encryption-differs",
    "phase1-keylength-differs",
    "phase1-hash-differs",
    "phase1-group-differs",
    "phase2-encryption-differs",
    "phase2-keylength-differs",
    "phase2-hash-differs",
    "pfs-one-side",
    "pfs-group-differs",
    "phase2-networks-swapped",
    "phase2-mask-differs",
    "sha256-truncation",
    "esn-not-spoken",
    "ike-version-differs",
};

bool is_of_configurations(const status::Told& told) {
    return std::ranges::find(of_configurations, told.code) != of_configurations.end();
}

}  // namespace

/// Nobody turns bits or writes in another one's name, and there is no tunnel that the other end does not know.
bool Simulation::is_quiet(const Node& node) const {
    constexpr std::array loud{Trial::first_messages, Trial::reflections, Trial::recordings, Trial::withheld,
                              Trial::three_exchanges};
    return std::ranges::find(loud, plan.trial) == loud.end() &&
           std::ranges::none_of(links, [&](const Link& link) {
               return (link.plan->first.node == node.index() || link.plan->second.node == node.index()) &&
                      link.cls == Class::corruption && !link.healthy;
           });
}

/// Something is wrong with one of its lines: messages are lost.
bool Simulation::loses(const Node& node) const {
    return std::ranges::any_of(links, [&](const Link& link) {
        return (link.plan->first.node == node.index() || link.plan->second.node == node.index()) &&
               !link.healthy;
    });
}

void Simulation::check_causes() {
    for (const auto& node : nodes) {
        if (!node->running()) {
            continue;
        }
        const auto status = node->status();
        for (const auto& peer : status.peers) {
            for (const auto& tunnel : peer.tunnels) {
                check_cause(*node, tunnel);
            }
        }
    }
    agenda.in(between_looks, [this] { check_causes(); });
}

void Simulation::check_cause(const Node& node, const status::Tunnel& tunnel) {
    if (!tunnel.why_down) {
        return;
    }
    const auto& why = *tunnel.why_down;
    // Where a line loses most of what it should carry, a hint is no more than that; a proof must hold.
    const bool tells = why.certainty == Certainty::proved || !loses(node);
    if (is_of_configurations(why) && is_quiet(node) && tells) {
        return fail("wrong-cause",
                    fmt::format("{} says of {}: {}", node.name(), tunnel.display_name, why.sentence()));
    }
    if (tunnel.wanted && why.code == "not-negotiated" && tunnel.down_since &&
        *tunnel.down_since + known_within < node.local_now()) {
        fail("no-cause", fmt::format("{} does not know why {} is down for {:.0f} s", node.name(),
                                     tunnel.display_name, seconds_of(node.local_now() - *tunnel.down_since)));
    }
}

}  // namespace causeway::sim
