// What is told about peers, tunnels and SAs, as values: filled by the engine, completed by the daemon,
// carried as JSON by control, rendered by the tool. Instants are those of whoever filled it. Never holds a
// secret.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "sa/sa.hpp"
#include "status/told.hpp"

namespace causeway::status {

enum class IsakmpSaState { connecting, established, rekeyed };
enum class ChildSaState { negotiating, installed, rekeyed };
/// Whether the name by which the peer knows us points to us.
enum class OwnNameState { unknown, right, elsewhere, unresolved, behind_nat };

// The words of status lines and of the JSON, in the order of the enumerators. They never change.
inline constexpr std::array<std::string_view, 3> isakmp_sa_states{"CONNECTING", "ESTABLISHED", "REKEYED"};
inline constexpr std::array<std::string_view, 3> child_sa_states{"NEGOTIATING", "INSTALLED", "REKEYED"};
inline constexpr std::array<std::string_view, 5> own_name_states{"unknown", "right", "elsewhere",
                                                                 "unresolved", "behind NAT"};

constexpr std::string_view word(IsakmpSaState state) {
    return isakmp_sa_states.at(static_cast<std::size_t>(state));
}
constexpr std::string_view word(ChildSaState state) {
    return child_sa_states.at(static_cast<std::size_t>(state));
}

/// What stands against a connection: beside the reason why it is down, or although it is up.
struct Standing {
    Told what;
    std::optional<Instant> since;  ///< seen first
    std::uint64_t times = 1;       ///< seen so often since

    friend bool operator==(const Standing&, const Standing&) = default;
};

/// Somebody who called and whom no peer fits.
struct Stranger {
    std::string address;
    Standing why;

    friend bool operator==(const Stranger&, const Stranger&) = default;
};

enum class TunnelLamp { up, negotiating, down };
/// Of the remote network: shadowed means that another route takes its packets.
enum class RouteLamp { placed, shadowed, absent };
/// For packets between the LAN and the tunnel.
enum class FirewallLamp { open, blocked, unknown };
inline constexpr std::array<std::string_view, 3> tunnel_lamps{"up", "negotiating", "down"};
inline constexpr std::array<std::string_view, 3> route_lamps{"placed", "shadowed", "absent"};
inline constexpr std::array<std::string_view, 3> firewall_lamps{"open", "blocked", "unknown"};

/// A connection at a glance.
struct Lamps {
    TunnelLamp tunnel = TunnelLamp::down;
    RouteLamp route = RouteLamp::absent;
    FirewallLamp firewall = FirewallLamp::unknown;

    friend bool operator==(const Lamps&, const Lamps&) = default;
};

struct IsakmpSa {
    unsigned number = 0;  ///< [n] in status lines
    IsakmpSaState state = IsakmpSaState::connecting;
    std::string exchange_state;  ///< "MM-I2"
    bool initiator = false;
    Endpoint local{};
    Endpoint remote{};
    std::string local_id;
    std::string remote_id;
    std::string cky_i;  ///< hex
    std::string cky_r;
    std::string suite;        ///< "aes128-sha1-modp1024"; empty before it is known
    std::string mode;         ///< "Main Mode"
    bool nat_local = false;   ///< we are behind NAT
    bool nat_remote = false;  ///< the peer is
    bool dpd = false;         ///< the peer announced it
    std::vector<std::string> vendors;
    std::optional<Instant> established;
    std::optional<Instant> rekey_at;
    std::optional<Instant> expires_at;

    [[nodiscard]] bool up() const { return state == IsakmpSaState::established; }
    friend bool operator==(const IsakmpSa&, const IsakmpSa&) = default;
};

struct ChildSa {
    unsigned number = 0;  ///< {n} in status lines
    ChildSaState state = ChildSaState::negotiating;
    sa::SaId id{};  ///< of the data plane; not told
    sa::ReqId reqid = 0;
    std::uint32_t spi_in = 0;
    std::uint32_t spi_out = 0;
    bool udp = false;
    std::string suite;  ///< "aes128-sha1-modp1024"
    std::optional<Instant> established;
    std::optional<Instant> rekey_at;
    std::optional<Instant> expires_at;
    sa::Usage usage{};
    // Of the way below it, by the daemon.
    std::uint64_t path_mtu = 0;  ///< octets of a whole IP packet; 0: not known
    std::string path_mtu_from;   ///< "probed" or "device"; empty: not known

    [[nodiscard]] bool up() const { return state == ChildSaState::installed; }
    friend bool operator==(const ChildSa&, const ChildSa&) = default;
};

struct Tunnel {
    std::string name;  ///< the section
    std::string display_name;
    std::string local;  ///< "192.168.1.0/24"
    std::string remote;
    bool wanted = true;                 ///< false after `down`
    bool doubted = false;               ///< its peer gives no sign of life; not told
    std::vector<ChildSa> sas;           ///< newest last
    std::optional<Instant> down_since;  ///< while no SA carries it
    std::optional<Instant> up_since;    ///< while one does; a renewal changes nothing
    // Counted since the tunnel came into the configuration; they never fall.
    std::uint64_t came_up = 0;   ///< after it was down
    std::uint64_t renewals = 0;  ///< of its SA
    sa::Usage totals{};          ///< of all its SAs, those that have ended included
    std::optional<Told> why_down;
    std::string next;  ///< what happens next, in words
    std::vector<Standing> findings;
    Lamps lamps{};  ///< by the daemon
    // As configured, by the daemon; empty when the peer is not in the configuration any more.
    std::vector<std::string> proposals;
    std::uint32_t lifetime_seconds = 0;
    std::optional<config::StartAction> start;
    /// What of the remote network the tunnel cannot carry, and what to do about it; empty: nothing.
    std::string not_carried;
    // Of tunnels with the same pair of networks the first that is up carries. By the daemon, of those that
    // are up, as display names; empty: none.
    std::string carries_in_place_of;  ///< the first of them, which is down or gives no sign of life
    std::string stands_by_for;        ///< the one that carries

    [[nodiscard]] bool up() const { return std::ranges::any_of(sas, &ChildSa::up); }
    friend bool operator==(const Tunnel&, const Tunnel&) = default;
};

struct Peer {
    std::string name;  ///< the section
    std::string display_name;
    std::string gateway;   ///< as configured
    std::string own_name;  ///< ours, as the peer may look it up; empty: none is watched
    std::optional<OwnNameState> own_name_state;
    std::string own_name_note;  ///< the same in a sentence
    std::vector<IsakmpSa> ike_sas;
    std::vector<Tunnel> tunnels;
    std::optional<Told> last_error;
    std::optional<Instant> last_error_at;
    std::vector<Standing> findings;
    /// Of the last liveness check that had its answer at the first try (RFC 3706), microseconds.
    std::optional<std::uint64_t> round_trip_us;
    std::uint64_t negotiations = 0;  ///< Phase 1 begun
    std::uint64_t established = 0;   ///< Phase 1 completed
    /// Aggressive Mode answered, and never finished: whoever asked can try pre-shared keys at leisure.
    std::uint64_t unproved_aggressive = 0;
    std::map<std::string, std::uint64_t> failures;  ///< how often each, by the code of the finding
    std::uint64_t lookups = 0;                      ///< of where it is, answered or not
    std::uint64_t lookups_failed = 0;               ///< of those
    // As configured, by the daemon; empty when the peer is not in the configuration any more.
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

/// Everything the engine knows.
struct Engine {
    std::vector<Peer> peers;
    std::vector<Stranger> strangers;  ///< the last ones, a few, newest first
    std::uint64_t messages_in = 0;
    std::uint64_t messages_out = 0;
    std::uint64_t messages_ignored = 0;
    std::uint64_t half_open = 0;
    std::uint64_t key_trials = 0;  ///< keys derived to read messages 5; not told
    std::uint64_t timers = 0;      ///< deadlines that are set; not told

    friend bool operator==(const Engine&, const Engine&) = default;
};

/// The counters of `more` with those of `to`; instants stay.
inline void add(sa::Usage& to, const sa::Usage& more) {
    to.bytes_in += more.bytes_in;
    to.bytes_out += more.bytes_out;
    to.packets_in += more.packets_in;
    to.packets_out += more.packets_out;
    to.dropped_replay += more.dropped_replay;
    to.dropped_integrity += more.dropped_integrity;
    to.dropped_policy += more.dropped_policy;
}

/// Whole seconds since `when`. The future is a rounding error of whoever stamped it, not a negative age.
inline std::optional<std::int64_t> seconds_ago(const std::optional<Instant>& when, Instant now) {
    using std::chrono::floor;
    using std::chrono::seconds;
    return when ? std::optional(std::max<std::int64_t>(0, floor<seconds>(now - *when).count()))
                : std::nullopt;
}

/// Whole seconds until `when`; below 0: overdue.
inline std::optional<std::int64_t> seconds_until(const std::optional<Instant>& when, Instant now) {
    using std::chrono::floor;
    using std::chrono::seconds;
    return when ? std::optional<std::int64_t>(floor<seconds>(*when - now).count()) : std::nullopt;
}

}  // namespace causeway::status
