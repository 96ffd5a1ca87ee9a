// The tool's command line under both of its names. Called by main() only.
#pragma once

#include <string>

#include "cli/failure.hpp"

namespace causeway::cli {

/// Reads the arguments, carries the command out, and returns what the process ends with. Called as `ipsec`
/// (the base name of argv[0]), the commands of the recipe are there as well.
Exit run(int argc, const char* const* argv, const std::string& version);

}  // namespace causeway::cli
