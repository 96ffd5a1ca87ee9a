// What the system must know of the configured tunnels, whichever plane carries them: the route to each remote
// network through the tunnel device, the unreachable route behind it, both in the main table or in the tunnels'
// own (own_table.hpp), the firewall's guard, and the ways to hosts that must stay reachable beside the tunnel
// although their addresses lie in a remote network. Held by a plane that has such a device. Only differences
// are applied. Unreachable routes, rules and guard stay when the program dies; networks that left the list
// take theirs away.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/event.hpp"
#include "base/result.hpp"
#include "dataplane/closed/own_table.hpp"
#include "dataplane/closed/surroundings.hpp"
#include "dataplane/dataplane.hpp"
#include "firewall/guard.hpp"
#include "host/routes.hpp"

namespace causeway::dataplane {

class Networks {
 public:
    using Reporter = std::function<void(Event)>;

    /// `device` is the tunnel device, by index and by name; `guard_table` names the nftables table, which `place_guard`
    /// places; empty: done here.
    static Result<Networks> open(unsigned device, std::string device_name, std::string guard_table,
                                 GuardPlacer place_guard = {});

    /// The device is another one of the same name. Before the first list, as the next one.
    void lead_into(unsigned device) { device_ = device; }
    /// What leads into the device is encrypted by the kernel's IPsec, not by this program.
    void let_kernel_encrypt() { kernel_encrypts_ = true; }
    /// Makes routes and guard fit the list. An error means that not even the unreachable routes could be
    /// placed; what only weakens the guard is reported and goes on.
    Result<void> apply(std::span<const Policy> policies, const Reporter& report);
    /// The largest packet of a tunnel, for its route. Unknown remote networks are ignored.
    void set_inner_mtu(const Ipv4Net& remote, std::size_t octets, const Reporter& report);
    /// Looks for source addresses again and puts routes back that the system dropped, as it does when an
    /// address or a device goes.
    void refresh(const Reporter& report);
    /// Somebody has changed the firewall, and may change source addresses now, or no longer.
    void fit_guard(const Reporter& report);
    /// Somebody has taken away what the guard had placed.
    void restore_guard(const Reporter& report);
    /// Hosts that this machine reaches outside the tunnels even when a remote network contains their
    /// addresses: name servers. Gateways are found without being named. Nothing becomes reachable for the
    /// tunnels' own networks by it: the guard stays.
    void keep_reachable(std::vector<IpAddress> hosts, const Reporter& report);
    /// The known addresses of all peers. Replaces the list. What carries the tunnels reaches them beside the
    /// tunnel, everything else through it.
    void set_peers(std::vector<IpAddress> peers, const Reporter& report);
    /// Somebody who may be a peer is about to be answered: networks around that address give way, as they do
    /// for set_peers(), until they leave the list.
    void give_way(const IpAddress& caller, const Reporter& report);
    /// True when give_way() would change something, which takes milliseconds; cheap to ask.
    [[nodiscard]] bool in_the_way_of(const IpAddress& caller) const;
    /// What of a remote network the tunnel cannot carry, in a sentence with advice; empty: it carries all.
    [[nodiscard]] std::string not_carried(const Ipv4Net& remote) const;

    /// Where packets for each remote network of the list go. Asks the system.
    [[nodiscard]] std::map<Ipv4Net, RouteState> route_states();

    /// How packets to a peer leave: source and MTU for the outside of a tunnel.
    Result<host::Path> outer_path(const IpAddress& remote, const std::optional<IpAddress>& local) {
        return routes_.lookup(remote, local);
    }
    /// Of the tunnel device, octets; 0 when it has gone.
    [[nodiscard]] unsigned device_mtu() { return routes_.device_mtu(device_).value_or(0); }

 private:
    struct Destination {
        std::vector<Ipv4Net> locals;
        std::uint32_t table = 0;                    ///< that its routes are in; 0: none yet
        std::optional<IpAddress> source;            ///< of this machine's own packets
        std::size_t inner_mtu = 0;                  ///< octets; 0: not known yet
        std::optional<host::Route> through_tunnel;  ///< as it was placed
        std::string left_out;                       ///< what of it is on a link elsewhere; empty: nothing
    };

    /// What a network leaves in a table that it stands in no more.
    struct Leftover {
        Ipv4Net remote{};
        std::uint32_t table = 0;
        std::optional<host::Route> through_tunnel;
    };

    explicit Networks(host::Routes routes) : routes_(std::move(routes)) {}
    Result<void> settle(const Surroundings& around, const Reporter& report);
    Result<void> choose_tables(const Surroundings& around, std::vector<Leftover>& left);
    [[nodiscard]] OwnTable own_table_now(const Surroundings& around) const;
    void put_own_table(const OwnTable& wanted, const Reporter& report);
    void clear_own_table(const OwnTable& before, const OwnTable& wanted, const Reporter& report);
    void rearrange(const Reporter& report);
    Result<void> take_over(const Reporter& report);
    void take_over_table(std::uint32_t table, const Reporter& report);
    void say_who_drops_esp(const std::vector<firewall::OuterPair>& outer, const Reporter& report);
    void apply_guard(const Surroundings& around, const Reporter& report);
    void keep_ways_open(const Surroundings& around, const Reporter& report);
    void say_what_is_left_out(const Surroundings& around, const Reporter& report);
    void say_what_ipv6_does(const Reporter& report);
    void remove(const host::Route& route, const Reporter& report);
    void place(const Ipv4Net& remote, Destination& destination, const Surroundings& around,
               const Reporter& report);
    void put(Destination& destination, const host::Route& route, const Reporter& report);
    [[nodiscard]] std::string rule_in_the_way(const Ipv4Net& remote, const Destination& destination,
                                              std::span<const Ipv4Net> left_out);
    static host::Route unreachable(const Ipv4Net& remote, std::uint32_t table);

    host::Routes routes_;
    unsigned device_ = 0;
    std::string device_name_;
    std::string guard_table_;
    GuardPlacer place_guard_;
    bool kernel_encrypts_ = false;
    std::map<Ipv4Net, Destination> destinations_;
    std::vector<firewall::GuardedPair> pairs_;  ///< of the list
    std::vector<Ipv4Net> remotes_;              ///< of the list, sorted
    std::vector<Ipv4Net> in_main_;              ///< of those, which stand in the main table
    Prefixes prefixes_;                         ///< of those in the main table
    std::vector<IpAddress> reachable_;
    std::vector<IpAddress> peers_;
    std::set<Ipv4Net> called_from_;             ///< networks that gave way for give_way()
    OwnTable own_;                              ///< as it was placed
    std::map<Ipv4Net, host::Route> kept_open_;  ///< routes to single hosts, as they were placed
    std::optional<firewall::Guard> guard_;      ///< as it was applied
    bool taken_over_ = false;
    bool nft_missing_reported_ = false;
    bool ipv6_reported_ = false;
    bool rp_filter_reported_ = false;
};

}  // namespace causeway::dataplane
