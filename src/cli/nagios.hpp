// The status in the one line that monitoring plugins print: state, text and performance data, as the
// Monitoring Plugins Development Guidelines have it (https://www.monitoring-plugins.org/doc/guidelines.html),
// read by Nagios, Icinga, Naemon and others. Pure; never prints a secret, because Status holds none.
#pragma once

#include <string>
#include <string_view>

#include "control/status.hpp"

namespace causeway::cli {

/// What a plugin ends with.
enum class PluginState : int { ok = 0, warning = 1, critical = 2, unknown = 3 };

struct PluginLine {
    PluginState state = PluginState::unknown;
    std::string text;  ///< without newline
};

/// Critical: a tunnel is down that is wanted. Warning: a finding that is no note, a tunnel that is up and does
/// not carry what it should, or no tunnel at all. `of_one`: only what select() has left counts, and no finding
/// about the configuration as a whole.
PluginLine plugin_line(const control::Status& status, bool of_one);

/// No status to judge: no daemon, wrong usage.
PluginLine plugin_unknown(std::string_view why);

}  // namespace causeway::cli
