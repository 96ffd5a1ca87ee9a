// Who may use the control socket: root and this process' own user everything; and the members of one group, whom the socket's
// mode lets in, only what changes nothing. Used by the daemon around its control server.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

#include "base/result.hpp"
#include "control/protocol.hpp"

namespace causeway::daemon {

/// Mode 660 for the group, or 600 for nobody but the owner. The socket is given to the group; a process without CAP_CHOWN
/// writes an access control list (acl(5)) instead, which needs nothing but to own the file. Errors: system, with its words.
Result<void> let_group_use(const std::string& socket, std::optional<gid_t> group);

enum class ControlRights { none, ask, everything };
/// Of whoever is at the other end, by SO_PEERCRED. `group`: there is one that may ask.
ControlRights rights_at(int connection, bool group);

/// It changes nothing.
bool only_asks(const control::Request& request);
/// To a request beyond the rights.
control::Reply not_permitted(const control::Request& request, ControlRights rights);

}  // namespace causeway::daemon
