// One section of `connections` of a swanctl.conf -> a peer with its tunnels, as charon would run it with IKEv1
// (plugins/vici/vici_config.c of 5.9.8, config_sn()). Used by the mapper only.
#pragma once

#include <optional>

#include "config/model.hpp"
#include "config/report.hpp"
#include "config/swanctl/secrets.hpp"
#include "config/swanctl/settings.hpp"

namespace causeway::config::swanctl {

/// Nothing when it is refused, which is said. Display names and reqids are given later.
std::optional<Peer> read_connection(const View& connection, const Secrets& secrets, Report& report);

}  // namespace causeway::config::swanctl
