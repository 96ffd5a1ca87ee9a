// The tool under both of its names. Called by main() only.
#pragma once

#include <string>

namespace causeway::cli {

/// Reads the arguments, carries the command out, writes out what it printed, and returns what the process
/// ends with (control::Exit). `ipsec`, the name that people know from strongSwan, is the same program: help
/// and complaints name what was typed.
int run(int argc, const char* const* argv, const std::string& version);

}  // namespace causeway::cli
