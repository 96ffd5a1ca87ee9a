// One gateway: the production engine and the production SA table, wired as the daemon wires them, with a
// clock of its own that may differ from the world's. It keeps a copy of what it was told to install, for the
// checkers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "esp/sa_table.hpp"
#include "ike/engine/engine.hpp"
#include "sim/agenda.hpp"
#include "sim/names.hpp"
#include "sim/network.hpp"
#include "world/toy_group.hpp"

namespace causeway::sim {

class Node;

/// An SA pair as the engine ordered it.
struct Held {
    std::shared_ptr<const sa::SaPair> pair;
    bool outbound = false;
    std::uint64_t order = 0;  ///< of becoming outbound: the latest one sends
    Endpoint remote{};
    Instant since{};  ///< by the world's clock
};

/// Told of everything that a checker wants to know.
class Watcher {
 public:
    Watcher() = default;
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    virtual ~Watcher() = default;

    virtual void installed(Node& node, const Held& held) = 0;
    virtual void sa_changed(Node& node) = 0;  ///< removed, moved or activated
    virtual void reported(Node& node, const Event& event) = 0;
    /// False: it does not leave.
    virtual bool sends(Node& node, Packet& packet) = 0;
    virtual void came_out(Node& node, const Probe& probe) = 0;
    virtual void not_accepted(Node& node, const Packet& packet, esp::Drop why) = 0;
    virtual void broken(Node& node, std::string_view check, std::string what) = 0;
    virtual void agreed(Node& node, const crypto::DhKey& key, ByteView peer_public, ByteView secret) = 0;
};

class Node : public sa::UsageSource {
 public:
    struct Around {
        Agenda& agenda;
        Network& network;
        Names& names;
        Dice& dice;
        Watcher& watcher;
    };

    Node(unsigned index, std::string name, const Around& around, std::uint64_t seed);

    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId id) const override { return table_->usage(id); }

    [[nodiscard]] unsigned index() const { return index_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] Network::Site& site() { return around_.network.site(index_); }
    [[nodiscard]] Instant local_now() const { return around_.agenda.now() + offset_; }
    [[nodiscard]] bool running() const { return engine_ != nullptr && !asleep_; }
    [[nodiscard]] const std::map<sa::SaId, Held>& held() const { return held_; }
    [[nodiscard]] const Held* sending(sa::ReqId reqid) const;
    [[nodiscard]] const Held* by_inbound_spi(std::uint32_t spi) const;
    [[nodiscard]] status::Engine status() const { return engine_->status(local_now()); }
    /// Installed, removed, moved or activated so far.
    [[nodiscard]] std::uint64_t sa_changes() const { return sa_changes_; }

    void start(std::shared_ptr<const config::Model> model);
    void crash();
    void reload(std::shared_ptr<const config::Model> model);
    void sleep();
    /// `counted`: the clock went on while it slept.
    void wake(bool counted);
    void jump_clock(Duration forward);

    void input(ike::Input input);
    void arrival(Packet& packet);
    void address_changed();
    /// A packet from the LAN. False when it did not leave (no SA: it may wait in the queue).
    bool from_lan(ByteView inner);

    Duration dh_time = std::chrono::milliseconds(2);

 private:
    void settle();
    void perform(ike::Transmit&& transmit);
    void perform(const ike::Keepalive& keepalive);
    void perform(ike::StartDh&& job);
    void perform(ike::Lookup&& lookup);
    void perform(ike::LookupName&& lookup);
    void perform(const ike::InstallSa& install);
    void perform(const ike::ActivateOutbound& activate);
    void perform(const ike::DoubtSa& doubt);
    void perform(const ike::RemoveSa& remove);
    void perform(const ike::MoveSa& moved);
    static void perform(const ike::NothingComesBack& silent);
    void perform(const ike::PathFound& path);
    void perform(const ike::Report& report);
    static void perform(const ike::CommandOutcome& outcome);
    bool seal(ByteView inner);
    void flush_queues();
    void arm();
    void timer(Instant when);

    unsigned index_;
    std::string name_;
    Around around_;
    world::Random random_;
    Duration offset_{};
    Instant asleep_since_{};
    bool asleep_ = false;
    std::shared_ptr<const config::Model> model_;
    std::unique_ptr<esp::SaTable> table_;
    std::unique_ptr<ike::Engine> engine_;
    std::map<sa::SaId, Held> held_;
    std::uint64_t order_ = 0;
    std::uint64_t sa_changes_ = 0;
    std::uint64_t life_ = 0;  ///< of the engine: answers for one that died are dropped
    std::optional<Instant> armed_;
    Instant last_timer_{};
    unsigned timers_at_once_ = 0;
    bool settling_ = false;
    bool can_send_ = false;  ///< since the queues were looked at
};

/// The octets of a probe as an IPv4 packet, and back.
Bytes inner_packet(const Probe& probe, std::uint32_t source, std::uint32_t destination, std::size_t octets);
std::optional<Probe> probe_of(ByteView inner);
/// True when octets of a probe can be read in what goes over the wire.
bool readable_in(ByteView octets);

}  // namespace causeway::sim
