// What root could do and this daemon never has to: given up by both of its processes as soon as ports and TUN are open, and for
// whatever they start (nft). Kept are CAP_NET_ADMIN (routes, TUN, nftables, marks) and CAP_NET_RAW (iptables, binding to a
// device). Called once, before any other thread exists, because Linux counts all of this by thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace causeway::host {

/// Drops everything else from the bounding, permitted, effective, inheritable and ambient sets and sets
/// no_new_privs. A user other than root keeps the two as ambient ones, so that nft gets them. What the
/// kernel refused, in words: an old or small kernel is no reason not to start.
[[nodiscard]] std::vector<std::string> give_up_privileges();

/// The remedy where the kernel refused something for want of this capability ("CAP_NET_RAW"). Root lacks one
/// in a container or unit that withholds it; there "start it as root" would help nobody.
[[nodiscard]] std::string needs_capability(std::string_view capability);

}  // namespace causeway::host
