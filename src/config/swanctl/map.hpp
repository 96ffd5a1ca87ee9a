// The settings of a swanctl.conf -> model. `connections` and `secrets` are read; the other sections belong to
// certificates and to address pools.
#pragma once

#include "config/formats.hpp"
#include "config/model.hpp"

namespace causeway::config::swanctl {

/// Reads what `source` includes as well. `not_found`: there is no connection in it. An error has its file.
Result<Model> map(const Source& source);

}  // namespace causeway::config::swanctl
