// Files that hold keys: written whole or not at all, for their owner alone.
#pragma once

#include <string>
#include <string_view>

#include "cli/failure.hpp"

namespace causeway::cli {

/// With mode 600. One that exists is replaced with `force` only, in one step.
Exit write_private_file(const std::string& name, std::string_view text, bool force);

}  // namespace causeway::cli
