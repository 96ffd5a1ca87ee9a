// Document -> text as the box itself writes it: eight blanks a level, `name {` on one line. Reading it back
// gives the same document. Comments are not kept.
#pragma once

#include <string>

#include "config/vpncfg/document.hpp"

namespace causeway::config::vpncfg {

std::string write(const Document& document);

/// A string with its quotes and escapes.
std::string quoted(std::string_view text);

}  // namespace causeway::config::vpncfg
