// Text in UCI syntax -> document, exactly as libuci reads one file in strict mode: the same documents
// accepted, the same values, the same errors at the same line and byte. Called by config/load.cpp. Never
// reads a file itself, never knows what an option means.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/limits.hpp"
#include "config/uci/document.hpp"

namespace causeway::config::uci {

/// The error's `what` is libuci's own message: "Parse error (REASON) at line N, byte M". Its place has no
/// file; the caller adds it.
Result<Document> parse(std::string_view text);

}  // namespace causeway::config::uci
