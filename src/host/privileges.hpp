// What root could do and this daemon never has to: given up as soon as ports and TUN are open, for the
// program and for whatever it starts (nft). Kept are CAP_NET_ADMIN (routes, TUN, nftables), CAP_NET_RAW (the
// ESP socket, binding to a device) and CAP_NET_BIND_SERVICE (ports 500 and 4500). Called once, before any
// other thread exists, because Linux counts all of this by thread.
//
// This is the place for a system-call filter, too: it would be set here, last, once what has to open files or
// to run nft lives in a process of its own (docs/decisions/0006-few-powers.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace causeway::host {

/// Drops everything else from the bounding, permitted, effective, inheritable and ambient sets and sets
/// no_new_privs. A user other than root keeps the three as ambient ones, so that nft gets them. What the
/// kernel refused, in words: an old or small kernel is no reason not to start.
[[nodiscard]] std::vector<std::string> give_up_privileges();

/// The remedy where the kernel refused something for want of this capability ("CAP_NET_RAW"). Root lacks one
/// in a container or unit that withholds it; there "start it as root" would help nobody.
[[nodiscard]] std::string needs_capability(std::string_view capability);

}  // namespace causeway::host
