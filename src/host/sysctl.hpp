// The kernel's settings that the daemon asks for, as /proc/sys shows them.
#pragma once

#include <optional>
#include <string>

#include "host/outside.hpp"

namespace causeway::host {

/// Its first line; nothing when it cannot be read. `device` as open_file() takes it.
std::optional<std::string> read_sysctl(SystemFile setting, const std::string& device = {});

}  // namespace causeway::host
