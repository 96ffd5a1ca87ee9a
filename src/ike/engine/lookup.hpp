// Questions about names and ways, which the host answers, and the answers. Values: inputs and outputs of the
// engine, and of its parts that know where peers and our own names are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "config/model.hpp"

namespace causeway::ike {

/// One way to reach a peer: its address, and the address of ours that the route to it uses.
struct Path {
    IpAddress remote{};
    IpAddress local{};
    friend bool operator==(const Path&, const Path&) = default;
};

/// Find the ways to a peer. `local` restricts the source address; `current` is the one in use: it is kept
/// while packets from it still leave by its own device, so that an IPv6 address that comes and goes changes
/// nothing.
struct Lookup {
    std::string peer;
    config::PeerAddress address{};
    std::optional<IpAddress> local{};
    std::optional<IpAddress> current{};
    bool way_only = false;  ///< the address is where the peer was last: only the way to it is asked for
};

/// Answer to Lookup. No paths: `error` says why (name not found, resolver silent, no route).
struct LookupDone {
    std::string peer;
    std::vector<Path> paths;
    Duration ttl{};
    std::string error;
    bool way_only = false;  ///< as in Lookup
};

/// What a name of our own is, for comparing with where we are.
struct LookupName {
    std::string name;
};

/// Answer to LookupName. No addresses: `error` says why.
struct NameDone {
    std::string name;
    std::vector<IpAddress> addresses;
    Duration ttl{};
    std::string error;
};

/// As configured: how long an answer is taken for true at least, and at most. `ceiling` also counts for an
/// answer without age (from a file).
struct LookupBounds {
    Duration floor{};
    Duration ceiling{};
};

}  // namespace causeway::ike
