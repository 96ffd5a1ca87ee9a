// `causeway metrics`: the status for a collector. Called by the command line only.
#pragma once

#include "cli/failure.hpp"
#include "cli/talk.hpp"

namespace causeway::cli {

/// A daemon that does not run is a metric too; the exit status is that of `status`.
Exit metrics(const TalkOptions& options);

}  // namespace causeway::cli
