// `pair`: files for both ends of a tunnel, or for every site of a star, from a description. Called by the command line
// only.
#pragma once

#include "cli/arguments.hpp"
#include "cli/failure.hpp"

namespace causeway::cli {

/// From options, a dialogue (--ask) or a file of sites (--sites), with new keys, into a folder. Files have mode 600;
/// nothing is replaced without --force.
Exit pair(const Arguments& arguments);

}  // namespace causeway::cli
