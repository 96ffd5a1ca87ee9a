// The status that stands in for a daemon's where none runs: what the configuration asks for, with nothing up. Pure.
#pragma once

#include "config/model.hpp"
#include "control/status.hpp"

namespace causeway::doctor {

control::Status stand_in(const config::Model& model);

}  // namespace causeway::doctor
