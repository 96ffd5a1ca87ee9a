// Text of a swanctl.conf -> document, by the grammar of strongswan.conf(5) and strongSwan's settings_parser.y.
// Strict as they are, but a slip is named with its likely fix. Never quotes a value: it may be a key.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "config/swanctl/document.hpp"

namespace causeway::config::swanctl {

/// Real files nest five deep.
inline constexpr unsigned max_depth = 32;

/// An error's place has no file; the caller adds it.
Result<Document> parse(std::string_view text);

}  // namespace causeway::config::swanctl
