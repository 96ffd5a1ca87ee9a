// A configuration as strongSwan's swanctl.conf: one connection for each peer, and its key.
#pragma once

#include <optional>
#include <string>

#include "config/model.hpp"
#include "pair/losses.hpp"

namespace causeway::pair {

/// Nothing: no peer can be expressed; the losses say why.
std::optional<std::string> write_swanctl(const config::Model& model, Losses& losses);

}  // namespace causeway::pair
