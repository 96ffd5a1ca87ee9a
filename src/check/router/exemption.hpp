// Whether packets for the remote networks are kept from masquerading. With kernel IPsec they pass the WAN's NAT before
// they are encrypted, and one whose source has become the public address matches no tunnel.
#pragma once

#include "check/router/context.hpp"
#include "check/router/firewall.hpp"
#include "check/router/uci_file.hpp"
#include "config/load.hpp"

namespace causeway::check {

/// The zone's `masq_dest` and `masq_src`, `config nat`, and includes into the NAT chains.
void check_exemptions(const Firewall& firewall, Context& context);

/// iptables and nft commands, as in /etc/firewall.user. What the other file has is not known, so nothing is missing.
void check_exemptions(const config::NamedText& script, Context& context);

}  // namespace causeway::check
