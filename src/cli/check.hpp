// `check`: both sides of a tunnel, from their files, before a packet is sent. No daemon is asked, nothing is written.
#pragma once

#include "cli/arguments.hpp"
#include "cli/failure.hpp"

namespace causeway::cli {

/// Ends with 0 where there is no error, with 1 where there is one, with 2 where a file cannot be opened or is of no known
/// kind. Never shows a key.
Exit check(const Arguments& arguments);

}  // namespace causeway::cli
