// The main routing table as /proc/net/route has it, and which of its rows a packet takes. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "doctor/examination.hpp"

namespace causeway::doctor {

/// `table`: the text of /proc/net/route (the kernel's net/ipv4/fib_trie.c, fib_route_seq_show()). Rows that are not up, or
/// that cannot be read, are left out.
std::vector<Route> parse_routes(std::string_view table);

/// The longest prefix, and of these the lowest metric; null: none fits.
const Route* route_to(const std::vector<Route>& routes, const IpAddress& address);

}  // namespace causeway::doctor
