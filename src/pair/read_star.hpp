// A file of sites, in UCI syntax, as `causeway pair --sites` reads it: a `config site 'NAME'` for each site of a star.
// Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "pair/star.hpp"

namespace causeway::pair {

/// `file`: what messages call it. What is wrong goes into `findings`, in the order of the file; nothing comes back where
/// something is. The star has no keys yet.
std::optional<Star> read_star(std::string_view text, std::string_view file, std::vector<Finding>& findings);

}  // namespace causeway::pair
