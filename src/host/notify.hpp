// What an init system that asked for it is told about the daemon's life. Called by the daemon.
#pragma once

#include <string>

namespace causeway::host {

/// One datagram to the socket that NOTIFY_SOCKET names: "READY=1", "STOPPING=1", "STATUS=..." (sd_notify(3),
/// whose protocol is this and no more). Does nothing without that variable. False: it could not be sent.
bool tell_init(const std::string& state);

}  // namespace causeway::host
