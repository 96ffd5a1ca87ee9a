// What a person can publish to be helped (`--bundle`): versions, what is configured, each step and the verdict, in one block
// without keys, whose addresses, names and identities are masked (mask.hpp). Pure.
#pragma once

#include <string>

#include "doctor/examination.hpp"
#include "doctor/report.hpp"
#include "doctor/words.hpp"

namespace causeway::doctor {

/// `report`: what `seen` was judged to be.
std::string bundle(const Examination& seen, const Report& report, const Marks& marks);

}  // namespace causeway::doctor
