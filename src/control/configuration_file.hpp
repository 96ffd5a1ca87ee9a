// The configuration file as daemon and tool read it, so that both say the same of it: the whole text, or why
// it cannot be read, and who else has it in hands. Never judges what stands in it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/event.hpp"
#include "base/result.hpp"

namespace causeway::control {

/// The whole file; "-" is stdin. An error for one that is longer than `limit` octets.
Result<std::string> read_file(const std::string& path, std::size_t limit);

/// What is to be warned of: others can read the keys in the file, or put another one in its place.
std::vector<Event> rights_of(const std::string& path);

}  // namespace causeway::control
