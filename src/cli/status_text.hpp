// The daemon's status as people read it: the lines of `ipsec status`, as strongSwan's users know them, and
// what `statusall` adds. Pure; never prints a secret, because Status holds none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "control/status.hpp"

namespace causeway::cli {

/// Whose notation the lines use where the two differ.
enum class Dialect { causeway, strongswan };

/// What of the status belongs to `name`: a peer with all its tunnels, or a tunnel with its peer's ISAKMP SAs.
/// Names are those of the sections and those that status prints. Everything when `name` is empty, nothing
/// when nobody is called that.
std::optional<control::Status> select(const control::Status& status, std::string_view name);

/// Whether every tunnel in it is up; false when there is none.
bool all_up(const control::Status& status);

/// "ipsec-a, ipsec-b": the tunnels' names, for a message about a wrong one.
std::string known_names(const control::Status& status);

/// `status`: ISAKMP SAs and what they carry, then every tunnel: its lamps, since when and why it is down and
/// what next, and what was found out about it; at the end callers whom no peer fits. strongSwan's dialect has
/// no lamps, no findings and no callers: its lines are read by programs.
std::string status_text(const control::Status& status, Dialect dialect = Dialect::causeway);
/// `statusall`: the daemon, its addresses, what is configured, then the lines of `status` with suites,
/// lifetimes, counters, NAT and errors.
std::string statusall_text(const control::Status& status, Dialect dialect);

}  // namespace causeway::cli
