// Who holds a UDP port, as far as /proc tells: for the message that a second program on port 500 deserves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace causeway::host {

/// "charon (pid 123)"; nothing when no process of this network namespace is seen to hold it.
std::optional<std::string> owner_of_udp_port(std::uint16_t port);

}  // namespace causeway::host
