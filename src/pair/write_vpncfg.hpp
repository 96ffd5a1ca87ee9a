// A configuration as a FRITZ!Box imports it: one connection for each peer.
#pragma once

#include <optional>
#include <string>

#include "config/model.hpp"
#include "pair/losses.hpp"

namespace causeway::pair {

/// Nothing: no peer can be expressed; the losses say why.
std::optional<std::string> write_vpncfg(const config::Model& model, Losses& losses);

}  // namespace causeway::pair
