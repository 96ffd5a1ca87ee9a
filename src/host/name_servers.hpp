// The name servers that this machine asks, read from the files that say so. Used by the daemon, which keeps
// them reachable, and by the resolver.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace causeway::host {

/// The addresses of resolv.conf(5)'s `nameserver` lines, in their order.
std::vector<IpAddress> name_servers_in(std::string_view text);

/// Of the system; those behind a forwarder of our own (dnsmasq, systemd-resolved) as well.
std::vector<IpAddress> name_servers();

/// The domains that a name without a dot may be of: of the last `search` or `domain` line, at most six.
std::vector<std::string> search_domains_in(std::string_view text);

/// What a resolver goes by: resolv.conf(5) as it is now.
std::string resolv_conf();

}  // namespace causeway::host
