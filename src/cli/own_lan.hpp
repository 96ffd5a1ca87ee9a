// The network of this machine that a tunnel is likely meant for: what is proposed to a person who is asked. Called by
// `pair --ask` only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.hpp"

namespace causeway::cli {

/// The network that an address of ours is in.
struct OwnNetwork {
    std::string device;
    Ipv4Net net;
};

/// The first private one, on a device that no default route leaves by: behind a router's other side is its LAN. `routes`:
/// the text of /proc/net/route (the kernel's net/ipv4/fib_trie.c, fib_route_seq_show()). Pure.
std::optional<Ipv4Net> lan_among(std::span<const OwnNetwork> networks, std::string_view routes);

/// Of this machine; nothing, too, where it cannot be asked.
std::optional<Ipv4Net> own_lan();

}  // namespace causeway::cli
