// What the daemon tells about itself: one value, made by the daemon, carried over the control socket as JSON,
// rendered by the tool. Instants have become whole seconds ("ago" and "in", seen from `now`), so that nobody
// needs the daemon's clock. Never holds a secret.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "ike/engine/engine.hpp"

namespace causeway::control {

struct IkeSa {
    unsigned number = 0;         ///< [n]
    std::string state;           ///< "ESTABLISHED", "CONNECTING", "DELETING"
    std::string exchange_state;  ///< "MM-I2"
    bool initiator = false;
    Endpoint local{};
    Endpoint remote{};
    std::string local_id;
    std::string remote_id;
    std::string cky_i;  ///< hex
    std::string cky_r;
    std::string suite;
    std::string mode;
    bool nat_local = false;   ///< we are behind NAT
    bool nat_remote = false;  ///< the peer is
    bool dpd = false;
    std::vector<std::string> vendors;
    std::optional<std::int64_t> established_seconds_ago;
    std::optional<std::int64_t> rekey_in_seconds;  ///< below 0: overdue
    std::optional<std::int64_t> expires_in_seconds;

    [[nodiscard]] bool up() const { return state == "ESTABLISHED"; }
    friend bool operator==(const IkeSa&, const IkeSa&) = default;
};

struct ChildSa {
    unsigned number = 0;  ///< {n}
    std::string state;    ///< "INSTALLED", "REKEYED", "NEGOTIATING"
    std::uint32_t reqid = 0;
    std::uint32_t spi_in = 0;
    std::uint32_t spi_out = 0;
    bool udp = false;
    std::string suite;
    std::optional<std::int64_t> established_seconds_ago;
    std::optional<std::int64_t> rekey_in_seconds;
    std::optional<std::int64_t> expires_in_seconds;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t packets_in = 0;
    std::uint64_t packets_out = 0;
    std::uint64_t dropped_replay = 0;
    std::uint64_t dropped_integrity = 0;
    std::uint64_t dropped_policy = 0;
    std::optional<std::int64_t> last_in_seconds_ago;
    std::optional<std::int64_t> last_out_seconds_ago;

    [[nodiscard]] bool up() const { return state == "INSTALLED"; }
    friend bool operator==(const ChildSa&, const ChildSa&) = default;
};

struct Tunnel {
    std::string name;  ///< the section
    std::string display_name;
    std::string local;  ///< "192.168.1.0/24"
    std::string remote;
    bool wanted = true;  ///< false after `down`
    std::vector<ChildSa> sas;
    std::optional<std::int64_t> down_seconds;  ///< for how long nothing carries it
    std::string why_down;
    std::string next;
    // As configured; empty when the peer is not in the configuration any more.
    std::vector<std::string> proposals;
    std::uint32_t lifetime_seconds = 0;
    std::string start;  ///< "start", "traffic", "none"
    /// What of the remote network the tunnel cannot carry, and what to do about it; empty: nothing.
    std::string not_carried;

    [[nodiscard]] bool up() const;
    friend bool operator==(const Tunnel&, const Tunnel&) = default;
};

struct Peer {
    std::string name;  ///< the section
    std::string display_name;
    std::string gateway;
    std::string own_name;        ///< ours, as the peer may look it up; empty: none is watched
    std::string own_name_state;  ///< "right", "elsewhere", "unresolved", "behind NAT", "unknown"
    std::string own_name_note;   ///< the same in a sentence
    std::vector<IkeSa> ike_sas;
    std::vector<Tunnel> tunnels;
    std::string last_error;
    std::optional<std::int64_t> last_error_seconds_ago;
    std::uint64_t negotiations = 0;  ///< Phase 1 begun
    std::uint64_t established = 0;   ///< Phase 1 completed
    /// Aggressive Mode answered, and never finished: whoever asked can try keys at leisure.
    std::uint64_t unproved_aggressive = 0;
    // As configured; empty when the peer is not in the configuration any more.
    std::string mode;
    std::string local_id;
    std::string remote_id;
    std::vector<std::string> proposals;
    std::uint32_t lifetime_seconds = 0;
    bool dpd = false;
    std::uint32_t dpd_idle_seconds = 0;
    std::string place;  ///< "/etc/config/ipsec:7"

    friend bool operator==(const Peer&, const Peer&) = default;
};

/// The data plane in words and figures.
struct DataPlaneFacts {
    std::string kind;    ///< "userspace"
    std::string device;  ///< "causeway0"; empty: none
    unsigned mtu = 0;    ///< 0: unknown
    std::string note;    ///< what else is worth saying, for example what it lacks; may be empty
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
    friend bool operator==(const DaemonFacts&, const DaemonFacts&) = default;
};

struct Status {
    DaemonFacts daemon;
    std::vector<Peer> peers;
    std::vector<std::string> remarks;  ///< of the configuration: errors and warnings, rendered
    std::uint64_t messages_in = 0;
    std::uint64_t messages_out = 0;
    std::uint64_t messages_ignored = 0;
    std::uint64_t half_open = 0;

    friend bool operator==(const Status&, const Status&) = default;
};

/// The engine's status seen at `now`, with what the model says about the same peers. Pure.
Status make_status(DaemonFacts facts, const ike::EngineStatus& engine, const config::Model& model,
                   Instant now);

/// One line of JSON without newline, or indented by two when `pretty`. The keys are documented in causeway(8)
/// and only ever added to. Octets that are no UTF-8 become U+FFFD.
std::string to_json(const Status& status, bool pretty = false);
/// Unknown keys are ignored, absent ones keep their default; a key of the wrong type is an error.
Result<Status> status_from_json(std::string_view text);

}  // namespace causeway::control
