// The JSON form of Status, for the reply that carries it. Private to control/.
#pragma once

#include "control/json.hpp"
#include "control/status.hpp"

namespace causeway::control {

Json json_of(const Status& status);
Result<Status> status_of(const Json& json);

}  // namespace causeway::control
