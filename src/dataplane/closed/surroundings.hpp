// What this machine is connected to besides the tunnels, judged against the tunnels' remote networks: what is
// on a link of its own and therefore never the tunnel's, and which hosts our routes would hide although the
// tunnel needs them. Pure but for look_around(); used by Networks.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "firewall/guard.hpp"
#include "host/routes.hpp"

namespace causeway::dataplane {

/// Never beyond a link, whatever a remote network contains.
inline constexpr Ipv4Net multicast{0xe000'0000, 4};
inline constexpr Ipv4Net broadcast{0xffff'ffff, 32};

/// A single host as a network.
Ipv4Net host_net(const IpAddress& address);

/// A network that begins at one of our devices: no router between us and its hosts.
using Link = firewall::OnLink;

/// What of the system's tables decides about our routes, read once for many of them.
struct Surroundings {
    std::vector<host::LocalAddress> addresses;
    std::vector<host::Route> routes;  ///< of the main table, ours left out
    std::vector<Link> links;          ///< sorted; those of the tunnel device left out

    /// Somebody else's route that ours to `remote` would replace, or hide from those who are on that link.
    [[nodiscard]] const host::Route* in_the_way(const Ipv4Net& remote) const;
    [[nodiscard]] bool is_link(const host::Route& route) const;
    /// The route that packets to `address` would take without us; nothing when there is none.
    [[nodiscard]] const host::Route* way_to(const IpAddress& address) const;
};

Surroundings look_around(host::Routes& routes, unsigned tunnel_device);
/// The pure half: `links` from addresses and routes. `name_of` gives a device's name.
void find_links(Surroundings& around, std::string (*name_of)(unsigned));

/// What lies in one of the remote networks and begins at a device of ours: smaller networks, and of equal or
/// larger ones the routers on them, alone. A tunnel carries none of it. `locals` are the tunnels' own.
std::vector<Link> links_inside(const Surroundings& around, std::span<const Ipv4Net> remotes);

/// Multicast and broadcast at the devices that the tunnels' local networks begin at, where a remote network
/// contains them: DHCP and the like stay on the link.
std::vector<Link> casts_inside(const Surroundings& around, std::span<const firewall::GuardedPair> pairs);

/// Peers inside a remote network and addresses of ours inside its local network: between these is ESP although
/// they are in the tunnel. `peers` are inside one.
std::vector<firewall::OuterPair> outer_pairs(const Surroundings& around,
                                             std::span<const firewall::GuardedPair> pairs,
                                             std::span<const IpAddress> peers);

/// This machine's addresses, found by their networks; of one network they keep the system's order.
class AddressesByNumber {
 public:
    /// `all` outlives this object.
    explicit AddressesByNumber(std::span<const host::LocalAddress> all);
    [[nodiscard]] std::vector<host::LocalAddress> in(const Ipv4Net& net) const;

 private:
    std::span<const host::LocalAddress> all_;
    std::vector<std::pair<std::uint32_t, std::size_t>> numbers_;
};

/// Of networks that are sorted, those that have addresses of `one`.
std::vector<Ipv4Net> that_overlap(std::span<const Ipv4Net> nets, const Ipv4Net& one);

/// The prefix lengths that there are.
using Prefixes = std::bitset<33>;

/// Whether a host lies in a remote network; `remotes` are sorted, `prefixes` are theirs.
bool is_inside(std::span<const Ipv4Net> remotes, const Prefixes& prefixes, const IpAddress& host);

/// Those of `hosts` that do. Cheap, for there may be thousands of both.
std::vector<IpAddress> hosts_inside(std::span<const Ipv4Net> remotes, std::span<const IpAddress> hosts);

/// Routes to single hosts that the routes of the remote networks would hide: name servers, gateways and peers
/// whose addresses lie in one of them. Each leaves as it would without us. `remotes` are sorted.
std::map<Ipv4Net, host::Route> ways_kept_open(const Surroundings& around, std::span<const Ipv4Net> remotes,
                                              std::span<const IpAddress> hosts);

/// What of `remote` the tunnel cannot carry because it is on a link elsewhere, in words: "all of it (wan)",
/// "10.0.1.0/24 (wan)"; empty when nothing is. Networks in `locals` are the tunnel's own end.
std::string not_carried(const Surroundings& around, const Ipv4Net& remote, std::span<const Ipv4Net> locals);

}  // namespace causeway::dataplane
