// The other side of a configuration: what each peer would have to be configured with. Pure.
#pragma once

#include "config/model.hpp"

namespace causeway::pair {

/// Every peer as its own machine sees the tunnel: networks, identities and names exchanged; key, mode,
/// suites, lifetimes and liveness alike. We are reached at our own name (config/own_name.hpp), else at our
/// fixed local address, else nowhere: then the other side waits. Values keep the places they come from. What
/// `ours` does not say is a finding of the new model, and so is a peer where neither side can dial. What
/// belongs to a machine (devices, log, zone) is the default.
config::Model mirror(const config::Model& ours);

}  // namespace causeway::pair
