// Files for both ends of a tunnel: made from a description, or converted from what there is. Called by the command line
// only.
#pragma once

#include "cli/arguments.hpp"
#include "cli/failure.hpp"

namespace causeway::cli {

/// `pair`: the files of both sides, with a new key, into a folder. Files with the key have mode 600; nothing is replaced
/// without --force.
Exit pair(const Arguments& arguments);
/// `convert`: writes the configuration in another form, or what the other side has to have, to stdout, or to a file of
/// mode 600. What is not carried is said on stderr.
Exit convert(const Arguments& arguments);

}  // namespace causeway::cli
