// Document -> text that the parser reads back as the same document; comments and layout are not kept.
#pragma once

#include <string>

#include "config/ipsecconf/document.hpp"

namespace causeway::config::ipsecconf {

std::string write(const Document& document);

}  // namespace causeway::config::ipsecconf
