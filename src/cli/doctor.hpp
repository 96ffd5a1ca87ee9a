// `doctor`: looks at everything that a tunnel needs, from the configuration up to a host at the other end, and names the one
// most likely cause. Sends nothing but questions to the daemon and to name servers, and pings where they are asked for.
#pragma once

#include <string>

#include "cli/arguments.hpp"
#include "cli/failure.hpp"

namespace causeway::cli {

/// Ends with `done` (no cross), `no` (a cross) or `not_running`. `control`: the daemon's socket.
Exit doctor(const Arguments& arguments, const std::string& control);

}  // namespace causeway::cli
