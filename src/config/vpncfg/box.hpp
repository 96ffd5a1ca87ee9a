// What a box needs beside the connection itself, and causeway in its place does not: told where the two sides are checked.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file_name.hpp"
#include "base/finding.hpp"

namespace causeway::config::vpncfg {

/// Of a vpncfg that can be read; nothing of any other text.
std::vector<Finding> what_a_box_lacks(std::string_view text, FileName file);

}  // namespace causeway::config::vpncfg
