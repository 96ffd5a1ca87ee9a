// The report of `probe` as one object for scripts, with the keys that causeway(8) lists.
#pragma once

#include <string>

#include "probe/report.hpp"

namespace causeway::cli {

/// Indented. `host` is what was typed.
std::string to_json(const probe::Report& report, const std::string& host);

}  // namespace causeway::cli
