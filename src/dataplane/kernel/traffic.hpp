// What follows from looking at counters again and again, where the packets pass in the kernel: the first packet that came
// on a pair, packets that nobody answers, packets that nobody could open. Pure: the time is handed in; used by the
// kernel's data plane.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "sa/sa.hpp"

namespace causeway::dataplane {

class Traffic {
 public:
    void add(sa::SaId id, sa::ReqId reqid);
    void remove(sa::SaId id);
    /// Nothing has come on it yet: worth looking at often.
    [[nodiscard]] bool waits(sa::SaId id) const;
    /// The counters as they were at the last look.
    [[nodiscard]] sa::Usage before(sa::SaId id) const;
    /// The pair's counters are these. What is new since the last look is appended to `events`.
    void look(sa::SaId id, const sa::Usage& usage, Instant now, std::vector<sa::Event>& events);

 private:
    struct Pair {
        sa::ReqId reqid = 0;
        sa::Usage before{};
        bool inbound_seen = false;
        std::optional<Instant> unauthentic_told;
    };
    /// Of the tunnel, not of the pair: around a renewal answers still come on the old one.
    struct Tunnel {
        std::optional<Instant> unanswered_since;
        std::optional<Instant> unanswered_told;
        std::size_t pairs = 0;
    };

    std::map<sa::SaId, Pair> pairs_;
    std::map<sa::ReqId, Tunnel> tunnels_;
};

}  // namespace causeway::dataplane
