// Whom something was told who has proved nothing, so that neither he nor the log is told again and again, and
// nobody can have others answered at length in somebody else's name. The time is handed in.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"

namespace causeway::ike {

class ToldStrangers {
 public:
    /// What is said, each counted by itself: to the source, or about it to the log.
    enum class Topic {
        refusal,          ///< an answer in clear to a first message
        unknown_cookies,  ///< an answer: INVALID-COOKIE
        mode,
        unproved_aggressive,
        limit,
        caller,  ///< what it wants is not what we have
        ikev2,
    };

    /// True: it may be told, and counts as told now. Once in the topic's time to each source, to a few of one
    /// prefix, to so many altogether (limits.hpp).
    [[nodiscard]] bool tell(Topic topic, const IpAddress& source, Instant now);
    [[nodiscard]] bool was_told_lately(Topic topic, const IpAddress& source, Instant now) const;

 private:
    struct Told {
        IpAddress source;
        Instant at{};
    };
    std::array<std::vector<Told>, static_cast<std::size_t>(Topic::ikev2) + 1> topics_;
};

}  // namespace causeway::ike
