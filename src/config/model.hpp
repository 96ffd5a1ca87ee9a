// What a configuration means, whichever file it came from: a gateway, its peers, their tunnels. Readers make
// it, the engine, the checker and the data plane use it. A value keeps its place (file, line) for every later
// message. Move-only, because it owns the pre-shared keys. Never holds what the running daemon learned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/data_plane.hpp"
#include "base/finding.hpp"
#include "base/occasional.hpp"
#include "base/offload.hpp"
#include "base/place.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "config/identity.hpp"
#include "crypto/algorithm.hpp"

namespace causeway::config {

/// Which kind of file a model came from: the five UCI generations (docs/configuration.md), the box's own file,
/// strongSwan's two.
enum class Schema { uci_g0, uci_g1, uci_g2, uci_g3, uci_g4, vpncfg, swanctl, ipsec_conf };

/// One Phase 1 transform we accept, and offer when `offered`.
struct Phase1Proposal {
    crypto::CipherId cipher = crypto::CipherId::aes_cbc_128;
    crypto::HashId hash = crypto::HashId::sha1;
    crypto::GroupId group = crypto::GroupId::modp1024;
    bool offered = true;
    Place place{};

    /// "aes128-sha1-modp1024".
    [[nodiscard]] std::string text() const;
};

/// One ESP transform we accept, and offer when `offered`. `pfs` is the group of the Quick Mode's own
/// Diffie-Hellman, nothing without PFS.
struct Phase2Proposal {
    crypto::CipherId cipher = crypto::CipherId::aes_cbc_128;
    crypto::IntegrityId integrity = crypto::IntegrityId::hmac_sha1_96;
    std::optional<crypto::GroupId> pfs = crypto::GroupId::modp1024;
    bool offered = true;
    Place place{};
    /// In a file of strongSwan's: the first algorithms of their proposal, which go out with whichever of its groups is
    /// used (check/strongswan_offer.hpp).
    bool leads = false;

    /// "aes128-sha1-modp1024", "aes256gcm16", "aes128-sha1".
    [[nodiscard]] std::string text() const;
};

struct Lifetime {
    std::uint32_t seconds = 0;
    std::uint64_t kilobytes = 0;  ///< 0: no limit by volume
    friend bool operator==(const Lifetime&, const Lifetime&) = default;
};

/// What makes a tunnel come up.
enum class StartAction {
    none,     ///< only the peer, or `causeway up`
    traffic,  ///< the first packet for the remote network ("route", "trap", the old script's auto=route)
    start,    ///< at once, and kept up
};

/// What follows when the peer is gone or closes the tunnel.
enum class LossAction {
    clear,    ///< wait for the peer
    traffic,  ///< wait for a packet ("hold", "trap")
    restart,  ///< build it again at once
};

/// One tunnel: one pair of networks, one Quick Mode. A section with several subnets becomes several tunnels.
struct Tunnel {
    std::string name;          ///< the section: "site2site_lan"
    std::string display_name;  ///< as status prints it: "ipsec-site2site_lan"
    std::uint32_t reqid = 0;   ///< from 1, unique in the model; names the tunnel to the data plane
    TrafficSelector local;
    TrafficSelector remote;
    std::vector<Phase2Proposal> proposals;  ///< in order of preference
    Lifetime lifetime{3600, 0};
    StartAction start = StartAction::start;
    LossAction on_close = LossAction::restart;
    LossAction on_silence = LossAction::restart;
    /// Beside an earlier tunnel with the same networks: true: it stands behind that one; false: it is none,
    /// and another network is meant. Nothing: config/backups.hpp decides.
    Occasional<Sourced<bool>> backup;
    /// Packets without an SA may have to be told: now, or after the tunnel was lost.
    [[nodiscard]] bool packets_may_raise() const {
        return start != StartAction::none || on_close != LossAction::clear || on_silence != LossAction::clear;
    }
    /// What one section with several networks says of each pair.
    [[nodiscard]] bool same_but_networks(const Tunnel& other) const;
    Place place{};        ///< of the section
    Place local_place{};  ///< of the local network's value
    Place remote_place{};
    Place proposals_place{};
    Place lifetime_place{};  ///< unknown: it is the default
    Place start_place{};     ///< of what says when it begins; unknown: the default
};

struct AnyAddress {
    friend bool operator==(AnyAddress, AnyAddress) = default;
};
struct HostName {
    std::string name;
    friend bool operator==(const HostName&, const HostName&) = default;
};
/// Where a peer is: anywhere (it dials us), a fixed address, or a name that is looked up again and again.
using PeerAddress = std::variant<AnyAddress, IpAddress, HostName>;
std::string text(const PeerAddress& address);

enum class ExchangeMode { main, aggressive };
std::string_view name_of(ExchangeMode mode);

/// Liveness checks (RFC 3706). Used only with peers that announced DPD.
struct Liveness {
    bool enabled = true;
    Duration idle = std::chrono::seconds(15);  ///< silence after which R-U-THERE is sent
    unsigned misses = 3;                       ///< unanswered R-U-THEREs before the peer counts as gone
};

/// Where peers differ from the RFCs or from each other: data, with the source beside each use in
/// config/profiles.cpp.
struct Quirks {
    bool announce_nat_t_drafts = true;          ///< also send the Vendor IDs of drafts 02 and 03
    bool delete_on_rekey = true;                ///< send DELETE for a replaced SA
    bool accept_any_mode_as_responder = false;  ///< Main and Aggressive alike; only where an option says so
};

struct Peer {
    std::string name;          ///< the section: "Site2Site"
    std::string display_name;  ///< of its first tunnel
    Place place{};
    std::vector<Sourced<PeerAddress>> addresses;      ///< at least one; tried in order
    std::optional<Sourced<IpAddress>> local_address;  ///< bind to it; else the route decides
    ExchangeMode mode = ExchangeMode::main;
    Place mode_place{};
    /// Nothing: the address we send from.
    std::optional<Sourced<Identity>> local_id;
    /// Nothing: the peer's address, as it arrives. See also `remote_id_any`.
    std::optional<Sourced<Identity>> remote_id;
    bool remote_id_any = false;  ///< any identity is accepted ("%any")
    /// Which name of ours is watched (config/own_name.hpp); empty: none. Nothing: see there.
    Occasional<Sourced<std::string>> own_name;
    Secret pre_shared_key;
    Place pre_shared_key_place{};
    /// In a file of strongSwan's: called in Main Mode it does not find the key, which is none for addresses, because no
    /// identity of its own is written (config/swanctl/secrets.cpp).
    bool no_key_when_called = false;
    std::vector<Phase1Proposal> proposals;  ///< in order of preference
    Place proposals_place{};
    Lifetime lifetime{10800, 0};
    Place lifetime_place{};
    bool nat_traversal = true;         ///< negotiate it at all
    bool force_encapsulation = false;  ///< pretend NAT, so that ESP goes in UDP
    Liveness liveness{};
    bool rekey = true;          ///< renew before expiry; false: let it expire
    unsigned keying_tries = 0;  ///< failures in a row before the tunnels stay down for good; 0: never
    Quirks quirks{};
    std::vector<Tunnel> tunnels;
};

/// How many findings of each kind.
struct FindingCounts {
    std::size_t errors = 0;
    std::size_t warnings = 0;
    std::size_t notes = 0;

    std::size_t& of(Severity severity) {
        return severity == Severity::error ? errors : severity == Severity::warning ? warnings : notes;
    }
};

/// Whose rules let IKE, ESP and the tunnels' packets through.
enum class Firewall { automatic, fw4, nftables, iptables, off };
std::string_view name_of(Firewall firewall);
/// "auto", "fw4", ...; nothing for another word.
std::optional<Firewall> firewall_named(std::string_view word);
/// "auto, fw4, nftables, iptables or off".
inline constexpr std::string_view firewall_names = "auto, fw4, nftables, iptables or off";

/// Switches of the whole daemon.
struct Options {
    int debug = 0;                                        ///< 0 notices and worse, 1 info, 2 and above debug
    std::vector<Sourced<std::string>> listen_devices;     ///< devices to speak IKE on; empty: all
    std::vector<Sourced<std::string>> listen_interfaces;  ///< OpenWrt's names for more such devices ('wan')
    bool copy_dscp = true;          ///< RFC 4301 5.1.2: DSCP of the inner header goes to the outer one
    bool probe_path = true;         ///< a peer is asked, when TCP begins, what the path to it carries
    std::uint16_t tun_mtu = 0;      ///< 0: computed from the WAN's MTU and the suite
    unsigned replay_window = 1024;  ///< packets, 32 to 8192
    Duration lookup_floor = std::chrono::seconds(5);
    Duration lookup_ceiling = std::chrono::seconds(300);
    std::string zone;  ///< of fw4: what the tunnels' device belongs to; empty: none
    Firewall firewall = Firewall::automatic;
    OffloadWishes offloads{};
    DataPlaneKind data_plane = DataPlaneKind::automatic;
    /// Absolute: where the state of all connections is written for a collector of metrics.
    std::optional<Sourced<std::string>> metrics_file;
    /// Whose members may ask at the control socket, and change nothing; nothing: only root.
    std::optional<Sourced<std::string>> control_group;
};

struct Model {
    Schema schema = Schema::uci_g0;
    std::string file;
    Options options{};
    std::vector<Peer> peers;        ///< enabled and usable ones only
    std::vector<Finding> findings;  ///< in the order of the file
    FindingCounts left_out{};  ///< findings that were made and are not among `findings`: there are too many

    /// Tunnels keep the reqid that the tunnel of the same display name has in `before`; new ones get unused
    /// numbers.
    void keep_reqids(const Model& before);
    /// At least one peer, and no finding of severity error about the file itself.
    [[nodiscard]] bool usable() const;
    /// Of all findings that were made. What a check ends with goes by these, never by what is shown.
    [[nodiscard]] FindingCounts counts() const;
};

}  // namespace causeway::config
