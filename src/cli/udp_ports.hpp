// Who holds UDP ports of this machine, as /proc tells. Asked by `doctor` where no daemon answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "doctor/examination.hpp"

namespace causeway::cli {

/// A socket in a table of UDP sockets.
struct UdpSocketRow {
    std::uint16_t port = 0;
    unsigned long inode = 0;
};
/// `table`: the text of /proc/net/udp or udp6 (proc(5)). Pure.
std::vector<UdpSocketRow> parse_udp_table(std::string_view table);

/// Those of `ports` that are bound, with the program where it can be told; nothing: the table cannot be read.
std::optional<std::vector<doctor::TakenPort>> taken_ports(const std::vector<std::uint16_t>& ports);

}  // namespace causeway::cli
