// Who waits for which outcome: commands that tunnels be up, until all that they mean carry, or one of them has
// failed. Fed with the states of the tunnels; gives the outcomes. A name means what it means at the time: the
// configuration may be another one than when the command was given.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ike/engine/command.hpp"

namespace causeway::ike {

/// What a tunnel can be called in a command.
struct TunnelNames {
    std::string_view peer;     ///< section
    std::string_view section;  ///< its own: "site2site_lan"
    std::string_view display;  ///< as status prints it: "ipsec-site2site_lan"
};

/// "ipsec-site2site_lan" and "site2site_lan" mean one tunnel, "Site2Site" all of a peer, nothing all there are.
bool means(std::string_view command, const TunnelNames& tunnel);

class Commands {
 public:
    struct TunnelState {
        TunnelNames names;
        bool carries = false;    ///< a pair of SAs
        bool concerned = false;  ///< by a failure that is told
    };
    using Outcomes = std::vector<CommandOutcome>;

    void wait(const CommandUp& command);
    [[nodiscard]] bool anybody_waits() const { return !waiting_.empty(); }

    /// Of those for whom everything carries that they mean.
    [[nodiscard]] Outcomes settle(std::span<const TunnelState> tunnels);
    /// Of those that mean a tunnel which the failure concerns and which carries nothing: they hear of it at once,
    /// whether it is tried again or not.
    [[nodiscard]] Outcomes fail(std::span<const TunnelState> tunnels, const std::string& why);

 private:
    std::vector<CommandUp> waiting_;
};

}  // namespace causeway::ike
