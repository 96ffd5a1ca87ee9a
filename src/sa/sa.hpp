// An IPsec SA pair as a value: made by exchanges, installed by data planes, and the events that come back.
// Nobody here encrypts or sends. Sizes in octets, times in seconds unless the name says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "base/address.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "crypto/algorithm.hpp"

namespace causeway::sa {

/// Names one SaPair for the life of the process; never reused.
enum class SaId : std::uint64_t {};
/// Names one configured tunnel (strongSwan's reqid): stable across rekeys, from 1.
using ReqId = std::uint32_t;

enum class Encapsulation {
    none,  ///< IP protocol 50
    udp,   ///< RFC 3948, port 4500
};

/// One direction: the SPI is the one the receiver chose (RFC 2409 5.5).
struct EspSa {
    std::uint32_t spi = 0;
    Secret encryption_key;  ///< key, then salt where the cipher has one
    Secret integrity_key;   ///< empty for AEADs
};

/// Two ESP SAs in tunnel mode and what they carry.
struct SaPair {
    SaId id{};
    ReqId reqid = 0;
    crypto::CipherId cipher = crypto::CipherId::aes_cbc_128;
    crypto::IntegrityId integrity = crypto::IntegrityId::hmac_sha1_96;
    EspSa inbound;
    EspSa outbound;
    TrafficSelector local;   ///< source of outbound packets
    TrafficSelector remote;  ///< destination of outbound packets
    Endpoint local_outer;    ///< port matters with UDP encapsulation only
    Endpoint remote_outer;
    Encapsulation encapsulation = Encapsulation::none;
    unsigned replay_window = 1024;     ///< packets
    std::uint64_t hard_kilobytes = 0;  ///< 0: none; the data plane stops using the pair beyond it
    /// 0: none. The engine ends the pair in time; a plane that outlives it ends it some time after this.
    std::uint64_t hard_seconds = 0;
    bool copy_dscp = true;
    bool probe_path =
        false;  ///< PathUnproven is told; until it is answered TCP is clamped to what every way carries
};

/// Counters of one pair, and when it was last used.
struct Usage {
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t packets_in = 0;
    std::uint64_t packets_out = 0;
    std::uint64_t dropped_replay = 0;
    std::uint64_t dropped_integrity = 0;
    std::uint64_t dropped_policy = 0;
    OptionalInstant last_in;
    OptionalInstant last_out;

    friend bool operator==(const Usage&, const Usage&) = default;
};

/// Asked by the engine when it decides about liveness and renewal. Implemented by the data plane.
class UsageSource {
 public:
    UsageSource() = default;
    UsageSource(const UsageSource&) = delete;
    UsageSource& operator=(const UsageSource&) = delete;
    virtual ~UsageSource() = default;
    /// Nothing when the pair is not installed.
    [[nodiscard]] virtual std::optional<Usage> usage(SaId id) const = 0;
};

/// What the data plane tells the engine.
struct Acquire {  ///< a packet for a tunnel that has no SA; at most one a second and tunnel
    ReqId reqid = 0;
};
struct FirstInbound {  ///< the first authenticated packet on a pair
    SaId id{};
};
struct PeerMoved {  ///< an authenticated, newest-in-window packet came from another endpoint
    SaId id{};
    Endpoint remote{};
};
struct Exhausted {  ///< sequence numbers or kilobytes used up (soft: about to be)
    SaId id{};
    bool hard = false;
};
/// Packets have left through a tunnel since `since` and none has come back; told from `unanswered_first`
/// after that on, with a packet that leaves and at most once in `unanswered_interval`.
struct Unanswered {
    ReqId reqid = 0;
    Instant since{};
};
inline constexpr Duration unanswered_first = std::chrono::seconds(3);
inline constexpr Duration unanswered_interval = std::chrono::seconds(1);
/// The plane has no such pair any more, nor will have it: another plane has taken its place.
struct Forgotten {
    SaId id{};
};
struct UnknownSpi {  ///< ESP for an SPI that is not ours (rate-limited)
    std::uint32_t spi = 0;
    Endpoint remote{};
};

/// TCP begins over a pair whose way was not proven to carry packets of the size that the device's MTU says.
struct PathUnproven {
    SaId id{};
    std::size_t outer_mtu = 0;  ///< of the device, octets of a whole IP packet
};

/// Packets come on a pair, and each of them has failed its integrity check. Told once there are unauthentic_first, and at
/// most once in misfit_interval.
struct Unauthentic {
    SaId id{};
    std::uint64_t count = 0;  ///< of the pair
};
inline constexpr std::uint64_t unauthentic_first = 5;
/// An authentic packet does not fit the pair's selectors, and is dropped (RFC 4301 5.2). Told at the first, and at most
/// once in misfit_interval.
struct Misrouted {
    SaId id{};
    IpAddress source{};
    IpAddress destination{};
    std::uint64_t count = 0;  ///< of the pair
};
inline constexpr Duration misfit_interval = std::chrono::seconds(60);

/// One of them: made by a data plane, taken by the engine.
using Event = std::variant<Acquire, FirstInbound, PeerMoved, Exhausted, Unanswered, UnknownSpi, PathUnproven,
                           Unauthentic, Misrouted, Forgotten>;

}  // namespace causeway::sa
