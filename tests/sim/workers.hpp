// Many seeds on several processors: one process each, so that a run that dies is a failure with a seed and
// not the end of everything.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/outcome.hpp"

namespace causeway::sim {

/// Runs `run` for each of `seeds` in `jobs` child processes; `progress` is called after each. A child that
/// dies counts as a failure of the check "crash" for the seed that it was at, and is replaced.
Outcome run_all(const std::vector<std::uint64_t>& seeds, unsigned jobs,
                const std::function<Outcome(std::uint64_t)>& run,
                const std::function<void(const Outcome& so_far)>& progress);

}  // namespace causeway::sim
