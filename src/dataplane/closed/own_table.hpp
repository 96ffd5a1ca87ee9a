// The tunnels' own routing table. A remote network that has the peer's own address, or everything, cannot
// stand in the main table: there it would take along what carries the tunnel, and whoever is at home on this
// machine without being in a tunnel's local network. So its routes are in a table of their own, which only the
// packets of the tunnel's selectors are looked up in, and never what has our mark. Pure; used by Networks.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "dataplane/closed/surroundings.hpp"
#include "host/routes.hpp"

namespace causeway::dataplane {

inline constexpr std::uint32_t own_table = 197;
/// Before the rules of whoever else chooses tables: what is encrypted or not at all is not theirs to choose.
inline constexpr std::uint32_t own_table_priority = 197;
inline constexpr std::uint32_t name_server_priority = 196;

/// 0.0.0.0/0, or half of it: what a tunnel for all traffic is written as.
[[nodiscard]] constexpr bool is_everything(const Ipv4Net& remote) {
    return remote.prefix <= 1;
}

/// Those of the remote networks that stand in the own table: everything, and those with one of `peers` inside.
/// `remotes` are sorted.
std::set<Ipv4Net> standing_apart(std::span<const Ipv4Net> remotes, std::span<const IpAddress> peers);

/// A remote network in the own table.
struct Apart {
    Ipv4Net remote{};
    std::vector<Ipv4Net> locals{};
    bool has_source = false;  ///< this machine has an address in one of them: its own packets go there too
};

struct OwnTable {
    std::set<host::Rule> rules;
    std::map<Ipv4Net, host::Route> throws;  ///< what the main table decides after all
    friend bool operator==(const OwnTable&, const OwnTable&) = default;
};

/// What leads into the table, and out of it again: what is on a link of this machine, the routers there, the
/// tunnels' local networks, `in_main` (the other remote networks), and for packets of this machine its name
/// servers. A router that is one of `peers` is reached through the tunnel.
OwnTable lay_out(std::span<const Apart> apart, std::span<const Ipv4Net> in_main, const Surroundings& around,
                 std::span<const IpAddress> name_servers, std::span<const IpAddress> peers);

}  // namespace causeway::dataplane
