// When the next try is, in the words of events and of `status`.
#pragma once

#include <string>

#include "base/time.hpp"

namespace causeway::ike {

/// "retrying in 4 s", or "retrying now".
std::string retrying(Instant at, Instant now);

}  // namespace causeway::ike
