// How long to wait before something is tried again.
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"

namespace causeway::ike {

/// The pause after so many failures, from one on: `first`, then twice as long each time, up to
/// limits::retry_max.
[[nodiscard]] Duration backoff(Duration first, unsigned failures);

/// `whole`, or up to so many thousandths of it less: what many wait for at once does not come at once.
[[nodiscard]] Duration jittered(Duration whole, unsigned permille, RandomSource& random);

/// Of a pause between attempts.
inline constexpr unsigned retry_jitter_permille = 250;

}  // namespace causeway::ike
