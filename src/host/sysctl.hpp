// The kernel's settings that the daemon asks for, as /proc/sys shows them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/outside.hpp"

namespace causeway::host {

/// Its first line; nothing when it cannot be read. `device` as open_file() takes it.
std::optional<std::string> read_sysctl(SystemFile setting, const std::string& device = {});
/// Of "net/ipv4/ip_forward", before the process is confined. False: it cannot be written, or is not there.
bool write_sysctl(std::string_view name, std::string_view value);

}  // namespace causeway::host
