// `causeway history`: asks the daemon what became of the connections over the last hours, and prints it. Called by the
// command line only.
#pragma once

#include <cstdint>
#include <string>

#include "cli/talk.hpp"

namespace causeway::cli {

Exit history(const TalkOptions& options, const std::string& name, std::uint64_t hours);

}  // namespace causeway::cli
