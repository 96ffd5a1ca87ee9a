// Document -> text: one statement a line, four blanks a level, values in quotes where the lexer would read them
// otherwise. Reading it back gives the same document. Comments are not kept.
#pragma once

#include <string>

#include "config/swanctl/document.hpp"

namespace causeway::config::swanctl {

std::string write(const Document& document);

}  // namespace causeway::config::swanctl
