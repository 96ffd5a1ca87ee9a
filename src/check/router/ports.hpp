// Whether the router itself can be called: UDP 500, UDP 4500 and ESP from the Internet.
#pragma once

#include "check/router/context.hpp"
#include "check/router/firewall.hpp"

namespace causeway::check {

/// Answers to what we have sent pass in any case (connection tracking), so a closed port keeps a tunnel down only where
/// the peer alone dials.
void check_ports(const Firewall& firewall, Context& context);

/// One of them is closed, as far as this file shows.
bool has_closed_port(const Firewall& firewall, Context& context);

}  // namespace causeway::check
