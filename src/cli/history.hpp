// `causeway history`: asks the daemon what became of the connections over the last hours, and prints it. Called by the
// command line only.
#pragma once

#include <cstdint>
#include <string>

#include "cli/failure.hpp"
#include "cli/talk.hpp"
#include "history/history.hpp"

namespace causeway::cli {

/// All that the daemon keeps of the connection that is called so, or of all.
Outcome<history::History> ask_history(const TalkOptions& options, const std::string& name,
                                      std::uint64_t hours);
Exit history(const TalkOptions& options, const std::string& name, std::uint64_t hours);

}  // namespace causeway::cli
