// How long an SA lives, of what both sides say: the shorter of both lifetimes holds, in either phase and
// either unit (RFC 2407 4.5.4). Pure. When an SA is renewed within it is the engine's matter
// (ike/engine/lifetimes).
#pragma once

#include <optional>

#include "base/time.hpp"
#include "config/model.hpp"

namespace causeway::negotiation {

struct AgreedLifetime {
    config::Lifetime lifetime{};
    bool adopted = false;  ///< the peer's time was shorter
};

/// `ours` is what holds until now; `theirs` what a transform of the peer's or its RESPONDER-LIFETIME says. 0
/// kilobytes: no limit by volume.
AgreedLifetime agree_lifetime(const config::Lifetime& ours, const config::Lifetime& theirs);

/// Responder: what its answer has to say of the lifetime (RFC 2407 4.6.3.1); nothing where the initiator
/// offers no longer one.
std::optional<config::Lifetime> lifetime_to_announce(const config::Lifetime& ours,
                                                     const config::Lifetime& offered);

/// A RESPONDER-LIFETIME about an SA that is to live for `agreed` since it was established: does it end
/// sooner?
bool shortens(const config::Lifetime& theirs, Duration agreed);

}  // namespace causeway::negotiation
