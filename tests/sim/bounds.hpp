// How long a tunnel may take to carry data again, counted from the moment when everything is right again. One
// table, one row for each class of fault; computed from what the two ends are configured with and from the
// limits of the engine.
#pragma once

#include <string_view>

#include "base/time.hpp"

namespace causeway::sim {

enum class Class {
    start,
    outage,
    outage_one_way,
    loss,
    corruption,
    peer_address,
    peer_address_late_dns,
    both_addresses,
    nat_rebind,
    nat_expiry,
    nat_address,
    crash,
    restart,
    clock,
    sleep,
    reload,
    command,
    early_delete,
    short_lived,
    flood,
    combined,
};
inline constexpr std::size_t classes = static_cast<std::size_t>(Class::combined) + 1;

std::string_view name_of(Class cls);

/// What a bound depends on. Of two ends the slower value, because either may be the one that must notice.
struct Effective {
    Duration idle{};  ///< of liveness checks
    unsigned misses = 3;
    bool dpd = true;
    bool deletes = true;    ///< each tells the other when an SA is over
    bool one_way = false;   ///< traffic that nobody answers says nothing
    Duration round_trip{};  ///< longest
    Duration lasted{};      ///< the fault
    Duration dns_ttl{};
    unsigned tunnels = 1;
    bool kilobytes = false;  ///< SA pairs of which the peer's wish may make another only after a rest
};

Duration bound_of(Class cls, const Effective& effective);
/// Until an end has begun to do something about a peer that has fallen silent.
Duration noticing(const Effective& effective);

}  // namespace causeway::sim
