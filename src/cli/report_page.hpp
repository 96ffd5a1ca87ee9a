// What is up, what is not, why, and the last hours, as one page of HTML that needs nothing else: no script, no network. It says
// what the page in LuCI says. Pure, but for the time zone. Never holds a secret, because a status does not.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "control/status.hpp"
#include "history/history.hpp"

namespace causeway::cli {

/// What is written for a text that comes from the daemon, before it is escaped.
using Written = std::function<std::string(std::string_view)>;

/// `history`: nothing of a daemon that keeps none.
std::string report_page(const control::Status& status, const std::optional<history::History>& history,
                        const Written& written);

/// The same with a placeholder for each address, name, identity and file (doctor/mask.hpp).
std::string masked_report_page(const control::Status& status, const std::optional<history::History>& history);

}  // namespace causeway::cli
