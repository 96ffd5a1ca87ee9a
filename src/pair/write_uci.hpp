// A configuration in the words of one of the five UCI schemas (docs/configuration.md, "Five schemas").
#pragma once

#include <optional>
#include <string>

#include "config/model.hpp"
#include "pair/losses.hpp"

namespace causeway::pair {

/// Nothing: no peer can be expressed; the losses say why. The form is that of the losses.
std::optional<std::string> write_uci(const config::Model& model, Losses& losses);

}  // namespace causeway::pair
