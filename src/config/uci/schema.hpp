// Which generation of /etc/config/ipsec a document follows, or which other program's file it is.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "config/model.hpp"
#include "config/uci/document.hpp"
#include "config/uci/options.hpp"

namespace causeway::config::uci {

/// An error names the foreign schema. Its place has a line and no file.
Result<Schema> recognise_schema(const Document& document);

/// "G0" ... "G4".
std::string_view name_of(Schema schema);
Generations generation_of(Schema schema);

/// The script of this generation wrote swanctl.conf; otherwise it wrote ipsec.conf.
bool is_swanctl(Schema schema);

}  // namespace causeway::config::uci
