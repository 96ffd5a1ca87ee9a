// What the daemon adds to the engine's status, and its replies to finished commands: the place where the
// engine's values and the control protocol meet. Pure.
#pragma once

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

/// The final reply to Up and Down.
control::Reply reply_to(const ike::CommandOutcome& outcome);

}  // namespace causeway::daemon
