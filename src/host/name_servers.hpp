// The name servers that this machine asks, read from the files that say so. Used by the daemon, which keeps
// them reachable; the resolver reads the files itself.
#pragma once

#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace causeway::host {

/// The addresses of resolv.conf(5)'s `nameserver` lines, in their order.
std::vector<IpAddress> name_servers_in(std::string_view text);

/// Of the system; those behind a forwarder of our own (dnsmasq, systemd-resolved) as well.
std::vector<IpAddress> name_servers();

}  // namespace causeway::host
