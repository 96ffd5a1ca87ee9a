// `ipsec start`, `stop`, `restart`, `starter`: the daemon's life by hand, where no init system looks after
// it. Called by the command line only.
#pragma once

#include <optional>
#include <string>

#include "cli/failure.hpp"

namespace causeway::cli {

struct StartOptions {
    std::string control;
    std::string config;  ///< empty: the daemon's default
    /// Seconds between name look-ups at most: the recipe's `--auto-update`.
    std::optional<unsigned> lookup_ceiling_seconds;
    bool foreground = false;  ///< --nofork: become the daemon
    unsigned timeout_seconds = 20;
};

/// Returns when the daemon answers, or says why it does not. One that runs already is left alone.
Exit start(const StartOptions& options);
/// Returns when the daemon has gone. `stay_closed`: see control::Stop.
Exit stop(const std::string& control, unsigned timeout_seconds, bool stay_closed = false);
/// The new daemon takes the running one's configuration file when none is named; between the two the networks
/// stay closed.
Exit restart(const StartOptions& options);

}  // namespace causeway::cli
