// The IKE engine: many peers, both roles, timers, retries, limits. Sans-IO: it is given datagrams, results
// and the time, and gives back what is to be done. It never blocks, never reads a clock, opens nothing, draws
// no randomness but from what it was handed. Called by the daemon's loop, by scenario tests and by the
// simulator, all in the same way:
//
//     engine.handle(now, input);            // or engine.handle_timeout(now); spurious calls are harmless
//     while (auto output = engine.poll()) { perform(*output); }
//     arm(engine.next_timeout());           // may change after any of the calls above
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/event.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "crypto/dh.hpp"
#include "ike/engine/command.hpp"
#include "ike/engine/lookup.hpp"
#include "ike/engine/sa_outputs.hpp"
#include "ike/outputs.hpp"
#include "sa/sa.hpp"
#include "status/pulse.hpp"
#include "status/status.hpp"

namespace causeway::ike {

// ---- inputs -----------------------------------------------------------------------------------------------

/// Deletes are sent for everything, then nothing is started again.
struct CommandShutdown {};

/// A new configuration: what did not change stays up.
struct Reload {
    std::shared_ptr<const config::Model> model;
};

/// Our own addresses, or the ways out, changed; told at the start, too. Every way is looked up again; what
/// goes by an address that is gone is built anew as soon as there is another way. The list leaves out
/// loopback and link-local addresses and what cannot be used yet (RFC 4862: tentative).
struct LocalAddressesChanged {
    std::vector<IpAddress> addresses;
};

/// ICMP says that an IKE packet of ours did not arrive (RFC 792). Not proved: a hint.
struct Unreachable {
    Endpoint local{};
    Endpoint remote{};
    IpAddress reporter{};
    std::uint8_t code = 0;
};

using Input = std::variant<Datagram, DhDone, LookupDone, NameDone, CommandUp, CommandDown, CommandShutdown,
                           Reload, LocalAddressesChanged, Unreachable, sa::Event>;

// ---- outputs ----------------------------------------------------------------------------------------------

/// One octet 0xff from port 4500 (RFC 3948 2.3).
struct Keepalive {
    Endpoint local{};
    Endpoint remote{};
};
/// Diffie-Hellman as a job. Without `key` a pair is made; with `peer_public` the secret is computed as well.
struct StartDh {
    std::uint64_t job = 0;
    crypto::GroupId group{};
    std::shared_ptr<const crypto::DhKey> key;
    Bytes peer_public;
};
struct Report {
    Event event;
};
using Output = std::variant<Transmit, Keepalive, StartDh, Lookup, LookupName, InstallSa, ActivateOutbound,
                            DoubtSa, RemoveSa, MoveSa, NothingComesBack, PathFound, Report, CommandOutcome>;

// ---- the engine -------------------------------------------------------------------------------------------

class Protocol;

class Engine {
 public:
    /// `random` and `usage` must outlive the engine. Tunnels with StartAction::start begin at `now`. Speaks IKEv1.
    Engine(Instant now, std::shared_ptr<const config::Model> model, RandomSource& random,
           const sa::UsageSource& usage);
    /// Speaks this version (session.hpp), which must outlive it as well.
    Engine(Instant now, std::shared_ptr<const config::Model> model, RandomSource& random,
           const sa::UsageSource& usage, const Protocol& protocol);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine();

    void handle(Instant now, Input input);
    void handle_timeout(Instant now);
    [[nodiscard]] std::optional<Output> poll();
    [[nodiscard]] std::optional<Instant> next_timeout() const;
    [[nodiscard]] status::Engine status(Instant now) const;
    /// Of each peer, in the order of the configuration. Costs little more than a look at each.
    [[nodiscard]] status::Pulses pulses(Instant now) const;

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace causeway::ike
