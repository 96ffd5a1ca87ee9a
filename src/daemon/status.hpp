// What the daemon adds to the engine's status, and its replies to finished commands: the place where the
// engine's values and the control protocol meet. Pure.
#pragma once

#include <map>
#include <string>

#include "base/time.hpp"
#include "config/model.hpp"
#include "control/protocol.hpp"
#include "control/status.hpp"
#include "ike/engine/engine.hpp"
#include "status/status.hpp"

namespace causeway::daemon {

/// The engine's status seen at `now`, with what the model says about the same peers.
control::Status make_status(control::DaemonFacts facts, status::Engine engine, const config::Model& model,
                            Instant now);

/// What becomes of a tunnel's packets on this machine.
struct Ways {
    status::RouteLamp route = status::RouteLamp::absent;
    std::string shadowed_by;  ///< in words; empty: by nothing, or by what Tunnel::not_carried names
    status::FirewallLamp firewall = status::FirewallLamp::unknown;
    std::string not_carried{};  ///< as dataplane::DataPlane says it
};

/// The lamps of each tunnel, and a finding for what takes its packets away. `ways` are by display name.
void add_lamps(status::Engine& engine, const std::map<std::string, Ways>& ways);

/// The final reply to Up and Down.
control::Reply reply_to(const ike::CommandOutcome& outcome);

}  // namespace causeway::daemon
