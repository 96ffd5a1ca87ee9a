// What the daemon tells about itself: one value, carried over the control socket as JSON and rendered by the
// tool. On the wire instants are whole seconds, "ago" and "in", so that nobody needs the daemon's clock.
// Never holds a secret.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/offload.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "status/status.hpp"
#include "status/told.hpp"

namespace causeway::control {

/// The data plane in words and figures.
struct DataPlaneFacts {
    std::string kind;    ///< "userspace"
    std::string device;  ///< "causeway0"; empty: none
    unsigned mtu = 0;    ///< 0: unknown
    std::string note;    ///< what else is worth saying, for example what it lacks; may be empty
    OffloadStates offloads{};
    /// Packets of all tunnels that went no further, by the reason's name; empty where the kernel carries them.
    std::map<std::string, std::uint64_t> dropped{};
    friend bool operator==(const DataPlaneFacts&, const DataPlaneFacts&) = default;
};

/// What the engine does not know. The daemon fills it in.
struct DaemonFacts {
    std::string version;
    std::int64_t pid = 0;
    std::int64_t uptime_seconds = 0;
    std::int64_t now = 0;  ///< wall clock, Unix seconds
    std::string config_file;
    std::vector<Endpoint> listening;
    DataPlaneFacts data_plane;
    /// What keeps packets from being forwarded although tunnels may be up, in sentences.
    std::vector<std::string> obstacles{};
    friend bool operator==(const DaemonFacts&, const DaemonFacts&) = default;
};

struct Status {
    DaemonFacts daemon;
    std::vector<std::string> remarks;    ///< of the configuration: errors and warnings, rendered
    std::vector<status::Told> findings;  ///< the same, and the obstacles
    status::Engine engine;
    /// When; the instants of `engine` are seen from here. The clock's zero once it was JSON.
    Instant taken{};

    friend bool operator==(const Status&, const Status&) = default;
};

/// One line of JSON without newline, or indented by two when `pretty`. The keys are documented in causeway(8)
/// and only ever added to. Octets that are no UTF-8 become U+FFFD.
std::string to_json(const Status& status, bool pretty = false);
/// Unknown keys are ignored, absent ones keep their default; a key of the wrong type is an error.
Result<Status> status_from_json(std::string_view text);

}  // namespace causeway::control
