// Random pairs of configurations, held against two engines: "will connect" is a promise that they keep, and where the
// check says no, they do not connect.
#pragma once

#include <cstdint>
#include <string>

namespace causeway::agreement {

struct Verdict {
    bool connects = false;  ///< two engines carry a packet each way through every tunnel, within an hour
    bool agrees = false;    ///< the check says the same, and names an error where they do not
    std::string text;       ///< what was configured and what was said
};

/// The pair of this number, checked, and then played in virtual time.
Verdict play(std::uint64_t seed);

}  // namespace causeway::agreement
