// What `causeway doctor` says: each layer from the ground up with its state, and the one cause that explains most. A
// value; made by judge.hpp, shown by the tool. Holds no secret. What a peer or a file chose is printable in it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"

namespace causeway::doctor {

/// From the ground up: what a layer needs stands above it.
enum class Layer {
    configuration,
    daemon,
    names,
    nat,
    route,
    sockets,
    firewall,
    device,
    phase1,
    phase2,
    counters,
    path_mtu,
    far_host,
};
/// For people.
inline constexpr std::array<std::string_view, 13> layer_labels{
    "Configuration", "Daemon",  "Names",   "NAT",      "Route",    "Sockets", "Firewall",
    "Data plane",    "Phase 1", "Phase 2", "Counters", "Path MTU", "Far host"};
/// For scripts. They never change.
inline constexpr std::array<std::string_view, 13> layer_words{
    "configuration", "daemon",  "names",   "nat",      "route",    "sockets", "firewall",
    "data-plane",    "phase-1", "phase-2", "counters", "path-mtu", "far-host"};
constexpr std::string_view label_of(Layer layer) {
    return layer_labels.at(static_cast<std::size_t>(layer));
}
constexpr std::string_view word_of(Layer layer) {
    return layer_words.at(static_cast<std::size_t>(layer));
}

enum class State {
    ok,
    wrong,    ///< a cross
    unknown,  ///< it could not be told
    skipped,  ///< not looked at, because what it needs is missing or nobody asked for it
};
inline constexpr std::array<std::string_view, 4> state_words{"ok", "wrong", "unknown", "skipped"};
constexpr std::string_view word_of(State state) {
    return state_words.at(static_cast<std::size_t>(state));
}

/// What a fault stops. The earlier that is, the more it explains.
enum class Stops {
    start,    ///< causewayd cannot start
    daemon,   ///< it does not run
    phase1,   ///< no ISAKMP SA is made
    phase2,   ///< no SA is made for a tunnel
    packets,  ///< the tunnel is up, and packets do not pass
    nothing,  ///< it works, or is meant
};

struct Step {
    Layer layer{};
    std::string subject;  ///< the peer's or the tunnel's display name; empty: this machine
    State state = State::ok;
    std::string sentence;  ///< without a full stop
    // Of a cross:
    std::string code;    ///< "psk-differs"
    std::string remedy;  ///< may be empty
    Certainty certainty = Certainty::proved;
    Stops stops = Stops::nothing;

    friend bool operator==(const Step&, const Step&) = default;
};

struct Report {
    std::string connection;  ///< the one that was asked for; empty: all
    bool running = false;    ///< a daemon answered
    std::string version;     ///< the daemon's; empty: none answered
    std::string config_file;
    std::vector<Step> steps;             ///< of this machine, and of each peer; from the ground up
    std::optional<std::size_t> verdict;  ///< the step that is the most likely cause; nothing: no cross

    [[nodiscard]] const Step* cause() const { return verdict ? &steps.at(*verdict) : nullptr; }
    [[nodiscard]] std::size_t count(State state) const {
        std::size_t found = 0;
        for (const Step& step : steps) {
            found += step.state == state ? 1 : 0;
        }
        return found;
    }
};

}  // namespace causeway::doctor
