// What an installed SA means for packets: the one interface that the daemon knows, whatever carries the
// packets (userspace/ or kernel/). A plane is made by open(), lives on the daemon's event loop and
// thread, borrows the UDP sockets of IKE for ESP in UDP, and never sees an IKE message or a configuration.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/event.hpp"
#include "base/offload.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/algorithm.hpp"
#include "sa/sa.hpp"

namespace causeway::firewall {
struct Guard;
}  // namespace causeway::firewall
namespace causeway::host {
class EventLoop;
class IkePorts;
}  // namespace causeway::host

namespace causeway::dataplane {

/// Has the guard's table replaced or, for null, taken away. The error not_found: there is no nft on this machine.
using GuardPlacer = std::function<Result<void>(const firewall::Guard*)>;
/// Encryption and integrity of ESP.
struct EspSuite {
    crypto::CipherId cipher = crypto::CipherId::aes_cbc_128;
    crypto::IntegrityId integrity = crypto::IntegrityId::hmac_sha1_96;
    friend auto operator<=>(const EspSuite&, const EspSuite&) = default;
};

/// What a plane is opened with.
struct Options {
    std::string device = "causeway0";              ///< the network device that the tunnels' packets pass
    unsigned mtu = 1500;                           ///< of that device, octets
    std::string guard_table = "causeway";          ///< the nftables table of the fail-closed guard
    OffloadWish offload = OffloadWish::automatic;  ///< of that device
    bool clamp_mss = true;                         ///< TCP is told the tunnel's size at its handshake
    std::vector<EspSuite> suites{};  ///< that tunnels may come to: the kernel's plane tries each
    std::string note{};              ///< for facts(): why this plane and no other; may be empty
    std::function<Instant()> clock;  ///< must be set
    GuardPlacer place_guard{};       ///< for a process that runs no program; empty: done here
};

/// A configured tunnel, up or not: packets between its networks leave encrypted or not at all.
struct Policy {
    sa::ReqId reqid = 0;
    std::string name;
    TrafficSelector local;
    TrafficSelector remote;
    bool acquire = true;  ///< a packet without an SA is queued (bounded) and reported as sa::Acquire
    friend bool operator==(const Policy&, const Policy&) = default;
};

/// The MTU of the way below a pair, of a whole IP packet in octets.
struct PathMtu {
    std::size_t octets = 0;
    bool probed = false;  ///< packets of that size were answered; false: it is what the device has
};

/// Where packets for a remote network go.
struct RouteState {
    enum class Kind {
        placed,    ///< into the tunnel
        shadowed,  ///< all of them, or some, where another route leads
        absent,    ///< no route into the tunnel
    };
    Kind kind = Kind::absent;
    std::string by;  ///< what shadows it, in words; empty: nothing, or what not_carried() says

    friend bool operator==(const RouteState&, const RouteState&) = default;
};

/// What there is to say about a plane, for status.
struct Facts {
    std::string kind;          ///< "userspace", "kernel"
    std::string device;        ///< empty: it has none
    unsigned mtu = 0;          ///< of the device, octets; 0: unknown
    std::string note;          ///< what else is worth saying, for example what it lacks; may be empty
    OffloadStates offloads{};  ///< those of UDP only once attached
    /// Packets that went no further, by esp::drop_name(); of each reason that there was. Empty where the kernel carries.
    std::map<std::string, std::uint64_t> dropped{};
};

/// Destroying a plane takes its device and the routes through it away, and leaves what keeps packets from
/// leaving in clear. A clean end of service is set_policies({}) first.
class DataPlane : public sa::UsageSource {
 public:
    /// Replaces the whole list. Routes and the fail-closed guards follow it; SAs stay as they are. An error
    /// means that not even the routes that close the networks could be placed.
    virtual Result<void> set_policies(std::span<const Policy> policies) = 0;
    /// Inbound is live at once, outbound only with `outbound`. Refused: an id that is in use or, where
    /// packets are encrypted here, keys and SPIs that cannot be right; then nothing has changed.
    virtual Result<void> install(std::shared_ptr<const sa::SaPair> pair, bool outbound) = 0;
    /// From now on the tunnel sends on this pair; what was queued for it leaves. Here and below, an id that
    /// is not installed is ignored.
    virtual void activate_outbound(sa::SaId id) = 0;
    /// While it is doubted, a tunnel with the same networks that can send carries in its place.
    virtual void doubt(sa::SaId id, bool doubted) = 0;
    virtual void remove(sa::SaId id) = 0;
    /// The pair's outer addresses are others from now on.
    virtual void move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
                      sa::Encapsulation encapsulation) = 0;

    /// What came of sa::PathUnproven: the largest packet that the way carries; nothing: it cannot be found out.
    virtual void set_path_mtu(sa::SaId /*id*/, std::optional<std::size_t> /*octets*/) {}
    /// Nothing: the pair is not installed, or the plane does not know.
    [[nodiscard]] virtual std::optional<PathMtu> path_mtu(sa::SaId /*id*/) const { return std::nullopt; }

    /// Packets have gone into a tunnel and none has come back, though its peer answers: a plane that may be to blame itself, and
    /// has another to put in its place, does so.
    virtual void nothing_comes_back(const std::string& /*peer*/) {}

    /// Begins to carry packets: what `loop` says is readable, and ESP that arrives at `ports`, whose on_esp
    /// is the plane's from now on. ESP in UDP leaves by them too. Once; both must outlive the plane.
    virtual void attach(host::EventLoop& loop, host::IkePorts& ports) = 0;
    /// This machine's addresses, links or routes are others: routes that the system dropped come back, and
    /// packets get the sizes of their new ways.
    virtual void network_changed() = 0;
    /// Somebody has changed this machine's firewall: what the guard does beside it is decided anew.
    virtual void firewall_changed() {}
    /// Somebody has taken rules of the guard away: it is placed again, unless nothing is guarded.
    virtual void guard_taken() {}
    /// False once what it stands on was taken away, as when its device is deleted: nothing passes any more,
    /// and a new plane is needed.
    [[nodiscard]] virtual bool alive() const = 0;
    /// Name servers: this machine reaches them outside the tunnels even when a remote network contains their
    /// addresses. Replaces the list.
    virtual void keep_reachable(std::vector<IpAddress> hosts) = 0;
    /// The known addresses of all peers. Replaces the list. Where a remote network contains one, what carries
    /// the tunnel (IKE, ESP) stays out of it, and all else for that address goes into it.
    virtual void set_peers(std::vector<IpAddress> peers) = 0;
    /// IKE is about to be sent to an address that may be no known peer's. As often as that happens: cheap when
    /// nothing is in its way.
    virtual void give_way(const IpAddress& caller) = 0;
    /// What of a remote network its tunnel cannot carry, in a sentence with advice; empty: it carries all.
    [[nodiscard]] virtual std::string not_carried(const Ipv4Net& remote) const = 0;
    /// Of each remote network. Asks the system; none is known where the plane does not look.
    [[nodiscard]] virtual std::map<Ipv4Net, RouteState> route_states() { return {}; }
    /// Asks the system.
    [[nodiscard]] virtual Facts facts() = 0;

    /// Called after the packets at hand were dealt with; may install and remove SAs.
    std::function<void(const sa::Event&)> on_event;
    std::function<void(Event)> on_report;
};

}  // namespace causeway::dataplane
