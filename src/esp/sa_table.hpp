// The SAD and the SPD of the userspace data plane (RFC 4301 4.4), and the way of a packet through them: inner
// packets become ESP packets, ESP packets become inner packets, in batches. Called by dataplane/userspace and
// by simulators. It has no socket, no clock and no thread; the time is passed in, what there is to tell is
// collected and fetched with take_events() after each call. Sizes in octets.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "crypto/esp_cipher.hpp"
#include "esp/acquire_queue.hpp"
#include "esp/batch.hpp"
#include "esp/drop.hpp"
#include "esp/inner_packet.hpp"
#include "esp/path_mtu.hpp"
#include "esp/policies.hpp"
#include "esp/rate_limit.hpp"
#include "esp/replay_window.hpp"
#include "esp/sizes.hpp"
#include "sa/sa.hpp"

namespace causeway::esp {

class SaTable {
 public:
    struct Options {
        std::size_t outer_mtu = 1500;  ///< of pairs that set_outer_mtu() said nothing about
        bool clamp_mss = true;
    };

    SaTable() : SaTable(Options{}) {}
    explicit SaTable(Options options);
    SaTable(const SaTable&) = delete;
    SaTable& operator=(const SaTable&) = delete;
    ~SaTable();

    /// Replaces the list of tunnels. Queues and SAs of those that stay are kept.
    void set_tunnels(std::span<const Tunnel> tunnels);

    /// Inbound is live at once, outbound only when asked for. Refused: an SPI or id that is in use, keys that
    /// do not fit the suite, SPIs below 256 (RFC 4303 2.1).
    Result<void> install(std::shared_ptr<const sa::SaPair> pair, bool outbound);
    /// From now on the tunnel sends on this pair. Unknown ids are ignored.
    void activate_outbound(sa::SaId id);
    /// A doubted pair is passed over while another tunnel with the same selectors has one that is not.
    void doubt(sa::SaId id, bool doubted);
    /// The pair is gone; its tunnel falls back to the pair that it sent on before, where that is still there.
    void remove(sa::SaId id);
    void move(sa::SaId id, const Endpoint& local, const Endpoint& remote, sa::Encapsulation encapsulation);
    /// The MTU of the path below the tunnel, as far as the machine knows it.
    void set_outer_mtu(sa::SaId id, std::size_t octets);
    /// What came of sa::PathUnproven, for all pairs between the same outer addresses, which are returned;
    /// nothing: it cannot be found out.
    std::vector<sa::SaId> set_path_mtu(sa::SaId id, std::optional<std::size_t> octets, Instant now);
    /// The pair was in use elsewhere up to this sequence number; the next packet carries the one after it.
    /// Never goes back: a number under which a packet was sealed must not come again.
    void resume_outbound(sa::SaId id, std::uint64_t last_sequence);
    [[nodiscard]] std::optional<std::size_t> inner_mtu(sa::SaId id) const;
    [[nodiscard]] std::optional<PathMtu> path_mtu(sa::SaId id) const;
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId id) const;
    [[nodiscard]] std::size_t size() const { return pairs_.size(); }

    /// Seals inner packets into `out`: looks up the tunnel, clamps the MSS, fragments what is too large, or
    /// answers it with ICMP, or queues it when no tunnel with these selectors has an SA. Among tunnels with
    /// the same selectors the first that can send carries. Returns how many of `inner` were dealt
    /// with; fewer than all only when `out` is full: send, clear and call again with the rest.
    std::size_t seal(std::span<const ByteView> inner, SealBatch& out, Instant now);

    /// Opens ESP packets in place and says of each what became of it.
    void open(std::span<Arrival> batch, Instant now);

    /// True when packets wait for this tunnel, or for one with the same selectors, and it can send:
    /// take_queued() and seal them.
    [[nodiscard]] bool has_sendable_queue(sa::ReqId reqid) const;
    std::vector<Bytes> take_queued(sa::ReqId reqid, Instant now);
    /// What a pair is for, and the addresses that it goes by now; nothing when it is not installed.
    struct Way {
        Ipv4Net remote_net{};
        IpAddress local{};
        IpAddress remote{};
    };
    [[nodiscard]] std::optional<Way> way_of(sa::SaId id) const;
    /// The tunnel of a pair; nothing when it is not installed.
    [[nodiscard]] std::optional<sa::ReqId> reqid_of(sa::SaId id) const;

    std::vector<sa::Event> take_events();
    [[nodiscard]] const DropCounters& drops() const { return drops_; }
    void count_drop(Drop why, std::uint64_t count) { drops_.add(why, count); }

 private:
    struct Pair;
    struct TunnelState;
    struct Installed {
        sa::SaId id{};
        std::unique_ptr<Pair> pair;
    };

    enum class Placed { yes, arena_full };

    Pair* find(sa::SaId id) const;
    /// Null: no such tunnel is configured, and nothing of it is installed.
    [[nodiscard]] TunnelState* find_state(sa::ReqId reqid) const;
    TunnelState& state_of(sa::ReqId reqid);
    /// Of the list of tunnels: without a search.
    [[nodiscard]] TunnelState& state_of(const Tunnel& listed) const;
    void list_by_remote(Pair& pair);
    void unlist_by_remote(Pair& pair);
    static Pair* sending_pair(const TunnelState& tunnel);
    void update_sizes(Pair& pair) const;
    void inherit_path(Pair& pair) const;
    [[nodiscard]] std::vector<Pair*> between(const IpAddress& local, const IpAddress& remote) const;
    void notice_syn(Pair& pair, ByteView packet, const InnerPacket& inner, Instant now);

    Placed seal_one(ByteView packet, SealBatch& out, Instant now);
    Pair* pair_for(const Tunnel& tunnel, Instant now);
    void hold(const Tunnel& tunnel, ByteView packet, Instant now);
    void acquire(const Tunnel& tunnel, Instant now);
    [[nodiscard]] AcquireQueue* queue_of(std::span<const Tunnel> group) const;
    void answer_too_big(ByteView packet, const InnerPacket& inner, const Pair& pair, SealBatch& out,
                        Instant now);
    Placed place_fragments(ByteView packet, const InnerPacket& inner, Pair& pair, SealBatch& out,
                           Instant now);
    bool place(ByteView header, ByteView payload, const InnerPacket& inner, Pair& pair, SealBatch& out,
               Instant now);
    void encrypt(SealBatch& out, std::size_t first);

    Pair* admit(Arrival& arrival, Instant now);
    void finish(Pair& pair, Arrival& arrival, Instant now);
    void notice_endpoint(Pair& pair, const Arrival& arrival, Instant now);
    void notice_unauthentic(Pair& pair, Instant now);
    void notice_misrouted(Pair& pair, const InnerPacket& inner, Instant now);
    Drop unwrap(Pair& pair, Arrival& arrival, Instant now);
    void notice_unanswered(const Pair& pair, Instant now);
    void account(Pair& pair, bool inbound, std::size_t octets, Instant now);
    void drop(Arrival& arrival, Drop why) {
        arrival.why = why;
        drops_.add(why);
    }
    void unknown_spi(std::uint32_t spi, const Endpoint& remote, Instant now);

    Options options_;
    Policies policies_;
    // Sorted vectors: there are thousands of these, and a tree needs as much for a place as most of them for themselves.
    std::vector<std::unique_ptr<TunnelState>> tunnels_;  ///< by number
    std::vector<TunnelState*> states_;                   ///< of those, as policies_.all() lists them
    std::vector<Installed> pairs_;                       ///< by number
    std::unordered_map<std::uint32_t, Pair*> by_spi_;
    std::vector<Pair*> by_remote_;  ///< by where they lead, and of one peer the oldest first
    std::map<IpAddress, Instant> unknown_spi_seen_;
    RateLimit icmp_limit_{32, 100};
    DropCounters drops_;
    std::vector<sa::Event> events_;
    // Scratch of seal() and open(), kept to avoid allocations.
    std::vector<crypto::SealOp> seal_ops_;
    std::vector<Pair*> seal_pairs_;
    std::vector<crypto::OpenOp> open_ops_;
    std::vector<Pair*> open_pairs_;
};

}  // namespace causeway::esp
