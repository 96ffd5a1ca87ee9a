// hosts(5): addresses and their names, a line each. Pure; the resolver has the text from outside.hpp.
#pragma once

#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace causeway::host {

/// All addresses of the name, in their order, each once. Names have no case. Lines that are none are passed over.
std::vector<IpAddress> addresses_in_hosts(std::string_view text, std::string_view name);

}  // namespace causeway::host
