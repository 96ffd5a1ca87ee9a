// The forms that a configuration is written in, as options name them, and what a form did not carry, told on stderr.
// Called by the commands that write configurations.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "cli/failure.hpp"
#include "pair/write.hpp"

namespace causeway::cli {

/// "uci:g0" to "uci:g4", "uci", "vpncfg", "swanctl.conf", "ipsec.conf".
std::optional<pair::Form> form_named(std::string_view name);
/// "g0" to "g4"; empty: g0. The failure names what was asked for.
Outcome<pair::Form> openwrt_form(const std::string& generation);

/// A line each, in the width of the terminal; what several files have in common once.
void tell(const std::vector<Finding>& findings);

}  // namespace causeway::cli
