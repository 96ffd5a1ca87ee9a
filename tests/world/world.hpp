// Gateways that exchange datagrams in one process: production engines, virtual time, a wire on which each
// datagram lies until somebody says what becomes of it. Deterministic but for Diffie-Hellman (unless the toy
// groups are chosen).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ike/engine/engine.hpp"
#include "world/observer.hpp"
#include "world/plane.hpp"
#include "world/settings.hpp"
#include "world/toy_group.hpp"

namespace causeway::world {

/// A datagram under way. `destination` as the sender wrote it; `source` as the receiver will see it.
struct Flight {
    std::string from;
    Endpoint source{};
    Endpoint destination{};
    Bytes payload;
    Seen seen;
};

/// A gateway and its data plane.
class Gateway : public Plane {
 public:
    Gateway(std::string name, IpAddress address, std::uint64_t seed);

    std::string name;
    IpAddress address;              ///< where it is reached, and the way to everybody else leaves from
    std::vector<IpAddress> also{};  ///< further addresses of its own
    Random random;
    Settings settings;
    const ike::Protocol* protocol =
        nullptr;  ///< null: the version that the daemon speaks; outlives the engine
    std::unique_ptr<ike::Engine> engine;
    std::vector<Event> events;
    std::vector<ike::CommandOutcome> outcomes;
    std::vector<ike::PathFound> paths;  ///< what the way's MTU was found to be
    std::size_t nothing_came_back = 0;
    std::size_t keepalives = 0;
    std::size_t lookups = 0;       ///< of names
    std::size_t computations = 0;  ///< Diffie-Hellman secrets, or attempts at them

    [[nodiscard]] bool has(const IpAddress& one) const;
};

class World {
 public:
    enum class DiffieHellman { real, toy };
    explicit World(std::uint64_t seed = 1, DiffieHellman groups = DiffieHellman::real)
        : seed_(seed), groups_(groups) {}
    World(const World&) = delete;  // its gateways tell it of their packets
    World& operator=(const World&) = delete;
    ~World() = default;

    /// Two gateways that know each other by address: west 192.0.2.1 (10.1.0.0/16), east 198.51.100.1
    /// (10.2.0.0/16).
    static std::unique_ptr<World> west_and_east(std::uint64_t seed = 1,
                                                DiffieHellman groups = DiffieHellman::real);

    Gateway& add(const std::string& name, const std::string& address);
    [[nodiscard]] Gateway& gateway(const std::string& name) const;
    [[nodiscard]] Gateway* owner_of(const IpAddress& address) const;

    /// Makes the engine, from the gateway's settings. Nothing of what it knew before is left: a reboot.
    Result<void> start(Gateway& gateway);
    void input(Gateway& gateway, ike::Input input);

    /// What lies on the wire, in the order of sending.
    std::deque<Flight>& wire() { return wire_; }
    /// Gives a datagram to whoever owns the destination address now; false when nobody does.
    bool deliver(const Flight& flight);
    /// Delivers everything in order, and what comes of it, `limit` datagrams at most. Returns how many.
    std::size_t settle(std::size_t limit = 10'000);

    [[nodiscard]] Instant now() const { return now_; }
    /// Lets time pass; what the timers send lies on the wire. With `deliver_all` it is delivered at once.
    void pass(Duration duration, bool deliver_all = false);

    /// From now on the world sees `gateway` as coming from another address (and port, when they are changed: one of 40000 and
    /// up, but for UDP 500 the one that is named).
    void put_behind_nat(Gateway& gateway, const std::string& public_address, bool change_ports,
                        std::optional<std::uint16_t> port_500 = std::nullopt);
    /// The NAT forgets its mapping and makes another one for what comes next.
    void rebind_nat(Gateway& gateway);
    /// What name servers answer: one address or several, separated by spaces; nothing: the name does not
    /// exist; "servfail" and "silence".
    void publish(const std::string& name, const std::string& addresses) { names_[name] = addresses; }
    /// Another address instead of the one it has; "nowhere": none at all, until it moves again.
    void move(Gateway& gateway, const std::string& address);
    /// Another address beside the one it has; the way to everybody leaves from there.
    void change_uplink(Gateway& gateway, const std::string& address);

    /// A packet from inside that meets no SA: what becomes of it is the plane's to say (sa::Acquire).
    void packet_without_sa(Gateway& from, sa::ReqId reqid = 1);
    /// One packet through the tunnel, as the data plane would carry it. Fails with words when the other end
    /// has no SA for it or other keys.
    Result<void> packet(Gateway& from, Gateway& to, sa::ReqId reqid = 1);
    /// One that leaves and arrives nowhere; told to the engine as the data plane tells it (sa::Unanswered).
    Result<void> packet_in_vain(Gateway& from, sa::ReqId reqid = 1);
    /// One that arrives on an SPI which the other end does not know (any more).
    Result<void> packet_unknown(Gateway& from, Gateway& to, sa::ReqId reqid = 1);

    Observer& observer() { return observer_; }
    std::function<void(const Flight&)> on_send;  ///< called for each datagram before it lies on the wire
    /// Called for each output of a gateway's engine before it is performed.
    std::function<void(const Gateway&, const ike::Output&)> on_output;

 private:
    struct Nat {
        IpAddress address;
        bool change_ports = false;
        std::optional<std::uint16_t> port_500{};
        std::uint16_t next_port = 40'000;
        std::map<std::uint16_t, std::uint16_t> mappings;  ///< inner port to outer port
    };
    static void configure(Gateway& gateway, const config::Model& model);
    void perform_outputs(Gateway& gateway);
    void perform(Gateway& gateway, ike::Transmit&& transmit);
    static void perform(Gateway& gateway, const ike::Keepalive& keepalive);
    void perform(Gateway& gateway, const ike::StartDh& job);
    void perform(Gateway& gateway, const ike::Lookup& lookup);
    void perform(Gateway& gateway, const ike::LookupName& own);
    static void perform(Gateway& gateway, const ike::InstallSa& install);
    static void perform(Gateway& gateway, const ike::ActivateOutbound& activate);
    static void perform(Gateway& gateway, const ike::DoubtSa& doubt);
    static void perform(Gateway& gateway, const ike::RemoveSa& remove);
    static void perform(Gateway& gateway, const ike::MoveSa& moved);
    static void perform(Gateway& gateway, const ike::NothingComesBack& silent);
    static void perform(Gateway& gateway, const ike::PathFound& path);
    static void perform(Gateway& gateway, ike::Report&& report);
    static void perform(Gateway& gateway, ike::CommandOutcome&& outcome);
    bool ask(const std::string& name, std::vector<IpAddress>& addresses, std::string& error);
    Endpoint translated(const Gateway& gateway, const Endpoint& source);

    std::uint64_t seed_;
    DiffieHellman groups_;
    Instant now_{std::chrono::hours(1)};
    std::vector<std::unique_ptr<Gateway>> gateways_;
    std::deque<Flight> wire_;
    std::map<std::string, Nat> nats_;
    std::map<std::string, std::string> names_;
    std::deque<std::pair<Gateway*, ike::Input>> inputs_;
    bool performing_ = false;
    Observer observer_;
};

}  // namespace causeway::world
