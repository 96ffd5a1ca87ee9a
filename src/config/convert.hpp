// A configuration as the newest generation of the UCI schema would say it, whichever kind it was read from.
// Pure; called by the tool.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/load.hpp"

namespace causeway::config {

struct Conversion {
    std::string text;               ///< /etc/config/swanctl, keys included
    std::vector<std::string> lost;  ///< what the text does not carry, one sentence each, without keys
};

/// Reading the text gives the same model. `companions` as for load(). An error: the file is refused, or no peer of it can be
/// carried.
Result<Conversion> convert_to_g4(std::string_view text, std::string_view file,
                                 std::optional<Format> format = {}, const Companions& companions = {});

}  // namespace causeway::config
