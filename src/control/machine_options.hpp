// What a configuration's options name on this machine, and whether it is there: the group of the control socket, the folder of
// the metrics. Asked by the daemon and by a check, so that both say the same.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

#include "config/model.hpp"

namespace causeway::control {

/// Its number; nothing: no such group.
std::optional<gid_t> group_named(const std::string& name);

/// A finding for each that is not there. A group that is not known is taken out of the options; a file stays, for its folder
/// may come.
void look_at_machine(config::Model& model);

}  // namespace causeway::control
