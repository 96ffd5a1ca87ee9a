// Document -> text in UCI syntax, byte for byte as `uci export` prints it. Reading it back gives the same
// document.
#pragma once

#include <string>
#include <string_view>

#include "config/uci/document.hpp"

namespace causeway::config::uci {

/// `package` becomes the first line; without it the text is what stands in /etc/config.
std::string write(const Document& document, std::string_view package = {});

}  // namespace causeway::config::uci
