// The JSON form of Status, for the reply that carries it. Private to control/.
#pragma once

#include <string>

#include "base/time.hpp"
#include "control/json.hpp"
#include "control/status.hpp"
#include "status/status.hpp"

namespace causeway::control {

Result<Status> status_of(const Json& json);
/// One of Status::engine's peers, on one line.
void append_json(std::string& to, const status::Peer& peer, Instant taken);

}  // namespace causeway::control
