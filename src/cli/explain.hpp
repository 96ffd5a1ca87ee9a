// `explain`: the long text of a finding's code. Needs neither a daemon nor a file.
#pragma once

#include <string>

#include "cli/failure.hpp"

namespace causeway::cli {

/// Without a code: all of them, with the first sentence of each.
Exit explain(const std::string& code, bool json);

}  // namespace causeway::cli
