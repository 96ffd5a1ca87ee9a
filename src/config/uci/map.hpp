// UCI document -> model: five generations of the ipsec schema, one meaning.
// Called by config/load.cpp.
#pragma once

#include "base/file_name.hpp"
#include "config/model.hpp"
#include "config/uci/document.hpp"

namespace causeway::config::uci {

/// An error: the schema is another program's, or there is no remote at all. What is wrong with one remote or
/// tunnel becomes a remark, and that remote or tunnel is missing in the model.
Result<Model> map(const Document& document, FileName file);

}  // namespace causeway::config::uci
