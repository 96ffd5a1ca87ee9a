// The keys of a swanctl.conf that strongSwan 5.9.8 to 6.0 knows, and what causeway makes of each: for messages about
// the others, and for docs/configuration.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/report.hpp"
#include "config/swanctl/settings.hpp"

namespace causeway::config::swanctl {

enum class In { connection, auth, child, secret };

enum class Standing {
    used,         ///< does what it says
    quiet,        ///< has no meaning here, or changes nothing that two ends must agree on
    unsupported,  ///< a warning with the consequence
};

struct KeyRule {
    In in;
    std::string_view name;
    Standing standing;
    std::string_view meaning;           ///< when used: what it sets; otherwise the consequence, or empty
    std::string_view quiet_value = {};  ///< a value that asks for nothing: no remark
};

std::span<const KeyRule> key_table();
/// The table as docs/configuration.md shows it (Markdown).
std::string key_table_text();

/// Says what is unknown or unsupported. `title` is what messages call the section. False: strongSwan discards what it
/// stands in, because of a key that it does not know.
bool check_keys(const View& section, In in, const std::string& title, Report& report);

}  // namespace causeway::config::swanctl
