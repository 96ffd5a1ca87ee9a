// A history as JSON: carried by the control protocol, printed by the tool. The keys are documented in causeway(8), section
// HISTORY AS JSON, and only ever added to. Pure.
#pragma once

#include <string>

#include "base/result.hpp"
#include "control/json.hpp"
#include "history/history.hpp"

namespace causeway::control {

/// Errors: malformed, with the key that is wrong; rows of one connection that are not equally long are.
Result<history::History> history_of(const Json& json);

/// One line without its newline.
std::string to_json(const history::History& history);

}  // namespace causeway::control
