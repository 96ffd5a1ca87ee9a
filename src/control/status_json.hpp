// The JSON form of Status, for the reply that carries it. Private to control/.
#pragma once

#include <string>
#include <string_view>

#include "control/json.hpp"
#include "control/status.hpp"

namespace causeway::control {

Result<Status> status_of(const Json& json);
/// JSON of one line as Writer lays it out for people.
std::string laid_out(std::string_view json);

}  // namespace causeway::control
