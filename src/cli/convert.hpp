// `convert`: a configuration in another form, or what the other side has to have. Called by the command line only.
#pragma once

#include "cli/arguments.hpp"
#include "cli/failure.hpp"

namespace causeway::cli {

/// Writes to stdout, or to a file of mode 600. What is not carried is said on stderr.
Exit convert(const Arguments& arguments);

}  // namespace causeway::cli
