// The plots of a report as SVG: strips, lines over time and bars, as the page in LuCI draws them. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "history/history.hpp"

namespace causeway::cli {

/// A row of the last hours: up high, down low, and a tick where something changed, so that it tells without colours.
std::string strip_svg(const history::Connection& connection, history::Row row, const std::string& label);
/// The round trips; the largest at the top.
std::string round_trip_svg(const history::Connection& connection, const std::string& label);
/// A bar, `value` of `most` long. `kind`: "in" or "out".
std::string bar_svg(std::uint64_t value, std::uint64_t most, const char* kind, const std::string& label);

/// Of the steps that were watched, in percent; below 0: none was.
int up_share(const history::Connection& connection, history::Row row);

}  // namespace causeway::cli
