// What a status names: taught to a mask (mask.hpp) before a text made of it is published. Pure.
#pragma once

#include "control/status.hpp"
#include "doctor/mask.hpp"
#include "status/told.hpp"

namespace causeway::doctor {

/// The fields of a finding that name somebody, and its files.
void learn(Mask& mask, const status::Told& told);
/// Connections, where and who their ends are, and all findings.
void learn(Mask& mask, const control::Status& status);

}  // namespace causeway::doctor
