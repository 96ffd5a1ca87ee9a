// One run: everything that one seed stands for. Owns the gateways, the network between them and the links
// whose health is watched. Faults are brought in from faults.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/agenda.hpp"
#include "sim/bounds.hpp"
#include "sim/manners.hpp"
#include "sim/names.hpp"
#include "sim/network.hpp"
#include "sim/node.hpp"
#include "sim/outcome.hpp"
#include "sim/plan.hpp"
#include "sim/wire.hpp"

namespace causeway::sim {

class Faults;
class Trials;

/// Two gateways that have tunnels with each other, and how these are.
struct Link {
    unsigned number = 0;
    const LinkPlan* plan = nullptr;
    bool healthy = false;
    Instant healthy_since{};
    unsigned active = 0;  ///< faults that have not ended
    unsigned epoch = 0;   ///< changes when a fault begins and when it is overcome
    Class cls = Class::start;
    Instant began{};  ///< of the oldest fault that is not overcome
    Instant heal{};   ///< everything is right since
    Instant deadline{};
    std::vector<std::array<bool, 2>>
        through;             ///< since then, for each tunnel: first to second, second to first
    std::uint64_t tick = 0;  ///< the traffic's next step; older ones are void
    Instant last_sent{};
    bool relapsed = false;   ///< since the last fault ended
    Instant clock_jumped{};  ///< what was made before ends at its two ends at different times
    Instant clocks_apart{};  ///< its ends do not agree on how old what was made before is
    bool dirty = false;      ///< an SA of it changed in this event
};

class Simulation : public Watcher {
 public:
    struct Settings {
        std::uint64_t seed = 1;
        Duration length = std::chrono::hours(1);
        bool trace = false;
        bool wire = false;           ///< every datagram in the diary as well
        std::optional<Trial> trial;  ///< this one, whatever the seed would draw
    };
    explicit Simulation(const Settings& settings);
    ~Simulation() override;

    Outcome run();

    // For faults.
    Agenda agenda;
    Dice dice;
    Network network;
    Names names;
    Plan plan;
    std::vector<std::unique_ptr<Node>> nodes;
    std::vector<std::shared_ptr<NatBox>> nats;
    std::vector<Link> links;
    [[nodiscard]] Instant end() const { return end_; }
    /// Something is wrong with a link from now on, until heal() is called as often as strike().
    void strike(Link& link, Class cls);
    /// It is right again.
    void heal(Link& link);
    /// Something that somebody without keys wrote, or sends a second time.
    void forged_arrives(unsigned node, Packet& packet);
    /// The same for a first message, of which there are thousands.
    void forged_first_arrives(unsigned node, Packet& packet);
    /// The same for what the peer wrote, which arrives for the first time: nothing goes to where it comes
    /// from.
    void late_arrives(unsigned node, Packet& packet);
    /// By somebody with all keys, where there is one.
    [[nodiscard]] world::Observer* observer() { return wire_->observer(); }
    [[nodiscard]] Faults& faults() { return *faults_; }
    /// Packets of a healthy link, delivered so that they fall just inside and just outside the replay window.
    void window_drill(Link& link, bool from_first);
    [[nodiscard]] Effective effective(const Link& link) const;
    void count(std::string_view fault) { ++outcome_.faults[std::string(fault)]; }
    template <class... Args>
    void say(std::string_view who, fmt::format_string<Args...> format, Args&&... args) {
        if (settings_.trace) {
            print(who, fmt::format(format, std::forward<Args>(args)...));
        }
    }
    void fail(std::string_view check, std::string what);
    [[nodiscard]] Node& end_of(const Link& link, bool first) const {
        return *nodes[first ? link.plan->first.node : link.plan->second.node];
    }
    [[nodiscard]] Link* link_of(unsigned node, std::string_view peer);

    void installed(Node& node, const Held& held) override;
    void sa_changed(Node& node) override;
    void reported(Node& node, const Event& event) override;
    bool sends(Node& node, Packet& packet) override;
    void came_out(Node& node, const Probe& probe) override;
    void not_accepted(Node& node, const Packet& packet, esp::Drop why) override;
    void broken(Node& node, std::string_view check, std::string what) override;
    void agreed(Node& node, const crypto::DhKey& key, ByteView peer_public, ByteView secret) override;

 private:
    struct Sent {
        std::uint64_t id = 0;
        Instant at{};
        bool arrived = false;
    };
    void ike_arrives(unsigned node, Packet& packet);
    void print(std::string_view who, const std::string& what) const;
    void schedule(Link& link, Duration in);
    void traffic(Link& link);
    void send(Link& link, unsigned tunnel, bool from_first, bool question);
    void recovered(Link& link);
    void watch_deadline(Link& link);
    void torn_down(Link& link, std::string what);
    [[nodiscard]] bool out_of_step(const Link& link) const;
    void check_links();
    void begin_checks();
    void count_everything();
    // causes.cpp
    void check_causes();
    void check_cause(const Node& node, const status::Tunnel& tunnel);
    [[nodiscard]] bool loses(const Node& node) const;
    [[nodiscard]] bool is_quiet(const Node& node) const;
    [[nodiscard]] std::optional<std::string> why_not_carrying(const Link& link) const;
    [[nodiscard]] std::optional<std::string> why_not_carrying(const Link& link, unsigned tunnel) const;
    [[nodiscard]] bool lapsed(const Link& link) const;
    void phase1_closed(const Node& node, const Event& event);

    /// More than are sent while a gateway sleeps: packets that wait in its queue come out then.
    static constexpr std::size_t remembered_probes = 1U << 17U;

    Settings settings_;
    Instant begin_{};
    Instant end_{};
    Outcome outcome_;
    std::unique_ptr<Faults> faults_;
    std::unique_ptr<Trials> trials_;
    std::unique_ptr<Wire> wire_;
    std::unique_ptr<Manners> manners_;
    std::uint64_t next_probe_ = 1;
    std::vector<Sent> sent_;  ///< a ring
    std::size_t octets_at_first_ = 0;
    std::size_t replies_ = 0;  ///< datagrams sent since it was set to zero, and their octets
    std::size_t reply_octets_ = 0;
    struct Work {
        Instant since{};
        std::size_t done = 0;
    };
    std::vector<Work> work_;  ///< Diffie-Hellman computations of each gateway in the window that began then
    std::unordered_map<std::uint64_t, std::uint32_t> sequences_;  ///< last one, by gateway and outbound SPI
};

}  // namespace causeway::sim
