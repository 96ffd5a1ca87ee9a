// The report of `doctor` as one object for scripts, with the keys that causeway(8) lists.
#pragma once

#include <string>

#include "doctor/report.hpp"

namespace causeway::cli {

/// Indented.
std::string to_json(const doctor::Report& report);

}  // namespace causeway::cli
