// Text of an ipsec.conf -> document, by the grammar of strongSwan's starter (5.9.8,
// src/starter/parser/lexer.l and parser.y): a section begins at the start of a line, its settings are indented.
#pragma once

#include "base/result.hpp"
#include "config/formats.hpp"
#include "config/ipsecconf/document.hpp"

namespace causeway::config::ipsecconf {

/// Reads the files that it includes as well, where `source` can open them. `malformed` where strongSwan refuses the
/// file; `limit` where more is included than is read. The place of an error has its file.
Result<Document> parse(const Source& source);

}  // namespace causeway::config::ipsecconf
