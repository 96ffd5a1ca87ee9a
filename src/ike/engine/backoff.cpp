#include "ike/engine/backoff.hpp"

#include <algorithm>
#include <cstdint>

#include "ike/limits.hpp"

namespace causeway::ike {

Duration backoff(Duration first, unsigned failures) {
    return std::min<Duration>(limits::retry_max, first * (1LL << std::min(failures - 1, 10U)));
}

Duration jittered(Duration whole, unsigned permille, RandomSource& random) {
    const auto share = static_cast<std::int64_t>(random.u32() % (permille + 1));
    return whole - whole * share / 1000;
}

}  // namespace causeway::ike
