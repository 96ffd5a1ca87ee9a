// The kernel's settings as /proc/sys shows them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace causeway::host {

/// Of "net/ipv4/ip_forward": the first line; nothing when it cannot be read.
std::optional<std::string> read_sysctl(std::string_view name);

}  // namespace causeway::host
