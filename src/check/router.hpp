// What the router's own files decide: whether its firewall, its interfaces and its scripts let the tunnels of a
// configuration come up and carry packets. Called by the tool's check. Never opens a file: the caller has read them.
#pragma once

#include <optional>
#include <vector>

#include "base/finding.hpp"
#include "config/load.hpp"
#include "config/model.hpp"

namespace causeway::check {

/// What carries ESP on our side.
enum class Plane {
    userspace,  ///< causeway's own TUN device: inner packets do not pass the WAN's chains
    kernel,     ///< the kernel's IPsec, causeway's or strongSwan's: they leave and arrive through the WAN
};

struct RouterFiles {
    std::optional<config::NamedText>
        firewall;  ///< /etc/config/firewall, or a script of iptables and nft commands
    std::optional<config::NamedText> network;  ///< /etc/config/network
    std::optional<config::NamedText> hotplug;  ///< of /etc/hotplug.d/iface; its name counts
    std::optional<config::NamedText> init;     ///< of /etc/init.d; its name counts
};

/// Each file is judged alone and with the others that are there; what a missing one would have decided is not said.
/// `theirs`, if known: whether it dials, does NAT traversal, and whom it expects.
std::vector<Finding> check_router(const config::Model& ours, const config::Model* theirs,
                                  const RouterFiles& files, Plane plane);

}  // namespace causeway::check
