// How one peer is doing at this moment, in a few octets: what is looked at every minute, of thousands of peers. The
// whole of it is status.hpp's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace causeway::status {

/// How long the answer to a liveness check took.
struct RoundTrip {
    Duration took{};
    Instant at{};  ///< of the answer

    friend bool operator==(const RoundTrip&, const RoundTrip&) = default;
};

struct Pulse {
    std::string peer;             ///< the section
    std::optional<bool> address;  ///< it is known where it is; nothing: it was not asked, or may be anywhere
    bool phase1 = false;          ///< an ISAKMP SA is established
    bool a_tunnel_up = false;     ///< of its tunnels, one at least
    bool a_tunnel_down = false;   ///< likewise
    std::optional<bool> answers;  ///< the far end does; nothing: it was not asked anything
    std::optional<RoundTrip> last;  ///< question that was answered

    friend bool operator==(const Pulse&, const Pulse&) = default;
};
using Pulses = std::vector<Pulse>;

}  // namespace causeway::status
