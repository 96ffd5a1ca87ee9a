// Asks this machine's name servers, as --resolve wants it.
#pragma once

#include <string>
#include <vector>

#include "check/resolved.hpp"

namespace causeway::cli {

/// One after the other; each may take as long as the system's resolver does.
check::NameAnswers ask_names(const std::vector<std::string>& names);

}  // namespace causeway::cli
