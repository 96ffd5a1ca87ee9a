// How much is read: one limit for every format and both programs.
#pragma once

#include <cstddef>

namespace causeway::config {

/// Larger texts are refused. A box's whole settings export has some hundred kilobytes.
inline constexpr std::size_t max_text = std::size_t{64} << 20U;

}  // namespace causeway::config
