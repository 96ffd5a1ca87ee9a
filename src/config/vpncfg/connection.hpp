// One member of `connections { } { }` -> a peer with one tunnel. Used by the mapper only.
#pragma once

#include <optional>

#include "config/model.hpp"
#include "config/report.hpp"
#include "config/vpncfg/document.hpp"

namespace causeway::config::vpncfg {

/// Nothing when the connection is off or refused; a remark says why. `number` counts from 1, for connections
/// without a name.
std::optional<Peer> read_connection(const Block& connection, std::size_t number, Report& report);

}  // namespace causeway::config::vpncfg
