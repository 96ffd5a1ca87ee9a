// The engine's own times and counts for programs in other languages: the lab computes its bounds from them.
#pragma once

#include <string>

namespace causeway::sim {

/// One JSON object: each limit under its name in ike/limits.hpp or sa/sa.hpp, times in seconds.
std::string limits_as_json();

}  // namespace causeway::sim
