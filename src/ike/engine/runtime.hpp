// What the engine remembers: peers with their tunnels, ISAKMP SAs with their exchanges, ESP SA pairs. Plain
// data, owned by the engine, changed by the functions of impl.hpp only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/finding.hpp"
#include "config/model.hpp"
#include "ike/engine/child_sas.hpp"
#include "ike/engine/engine.hpp"
#include "ike/engine/offered_groups.hpp"
#include "ike/engine/outage.hpp"
#include "ike/engine/retries.hpp"
#include "ike/engine/whereabouts.hpp"
#include "ike/engine/wish.hpp"
#include "ike/session.hpp"

namespace causeway::ike {

/// How much of something a peer may cause: `burst` at once, one each `interval` in the long run.
class Allowance {
 public:
    [[nodiscard]] bool left(Instant now, Duration interval, std::size_t burst) const {
        return spent_until_ <= now + interval * static_cast<Duration::rep>(burst);
    }
    void spend(Instant now, Duration interval) { spent_until_ = std::max(spent_until_, now) + interval; }

 private:
    Instant spent_until_{};
};

struct Peer;

/// A session, and its place among the others.
struct IkeSa {
    unsigned number = 0;
    bool dead = false;   ///< removed at the end of the call
    bool known = false;  ///< called us from where a configured peer is known to be
    bool being_replaced = false;
    bool worn_out = false;         ///< no more can be remembered soon: renewed, whichever serves
    Peer* peer = nullptr;          ///< null: a caller who is not known yet; set by Engine::Impl::assign()
    std::optional<Instant> tried;  ///< when many keys were last tried on a message of it
    Instant created{};
    Instant expires{};  ///< half-open: given up; established: end of life
    std::optional<Instant> rekey_at;
    std::optional<Instant> established_at;
    std::optional<unsigned> replaces;  ///< number of the one that this one renews
    std::optional<Instant> delete_at;  ///< replaced: deleted then
    std::optional<Instant> next_keepalive;
    std::optional<Instant> told_unknown;  ///< that it sends on an SPI that is not known
    std::unique_ptr<SessionOwner> owner;  ///< outlives the session
    std::unique_ptr<Session> session;

    [[nodiscard]] bool initiator() const { return session->initiator(); }
    [[nodiscard]] bool established() const { return session->established(); }
    [[nodiscard]] const Endpoint& local() const { return session->local(); }
    [[nodiscard]] const Endpoint& remote() const { return session->remote(); }
    [[nodiscard]] Inquiry& inquiry() const { return session->inquiry(); }
    /// Nothing has come under it since it was made: the peer may not have our last message.
    [[nodiscard]] bool unproven() const { return !inquiry().proven(); }
};

struct Tunnel {
    Tunnel(const config::Tunnel& tunnel, Instant now) : config(&tunnel), wish(tunnel.start), outage(now) {}

    const config::Tunnel* config;
    Wish wish;
    Retries retries;
    Outage outage;
    OfferedGroups pfs;  ///< of negotiation::offered_pfs()
    ChildSas sas;

    /// The pair that carries it; null when it is down.
    [[nodiscard]] const ChildSa* carrier() const { return sas.carrier(); }
    /// It is wanted, and nothing carries it.
    [[nodiscard]] bool missing() const { return wish.wanted() && carrier() == nullptr; }
    /// It needs an ISAKMP SA: a tunnel that is kept up keeps its Phase 1 too, for liveness and deletes.
    [[nodiscard]] bool needs_phase1() const { return wish.wanted() || retries.renewal_due(); }
};

/// What a Phase 1 has found out about NAT between two addresses.
struct NatFinding {
    IpAddress local;
    IpAddress remote;
    bool nat_local = false;
    bool nat_remote = false;
    friend bool operator==(const NatFinding&, const NatFinding&) = default;
};

struct Peer {
    std::string name;
    const config::Peer* config = nullptr;
    Whereabouts whereabouts;
    std::vector<std::unique_ptr<Tunnel>> tunnels;
    std::vector<IkeSa*> sas;               ///< by number; kept by Engine::Impl::assign()
    bool speaks_of_nat = false;            ///< an earlier Phase 1 had its NAT-D payloads
    bool nat_doubted = false;              ///< Phase 1 was made anew because a later one had none
    std::optional<NatFinding> nat_blamed;  ///< Phase 1 was made anew because tunnels were refused under it
    OfferedGroups groups;                  ///< of negotiation::offered_groups(), in Aggressive Mode
    bool short_life_told = false;
    bool moving = false;        ///< Phase 1 is begun from the new way's address, beside the SA that stands
    std::size_t path_told = 0;  ///< the MTU of the way to it, as it was reported last, octets
    bool suspected = false;     ///< Phase 1 is begun beside the SA that stands, until one of them shows life
    unsigned failures = 0;
    std::optional<Instant> rest_until;  ///< as of a tunnel: of its ISAKMP SAs
    /// Our packets go unanswered for this long before the peer is asked; doubled by each proof that it lives.
    Duration patience = sa::unanswered_first;
    std::optional<Instant> proved_alive;  ///< by an answer while its traffic stayed one-way
    std::optional<Instant> calls_since;  ///< it has begun to call us, and we hold back a while; once for each
                                         ///< call of ours
    std::uint64_t unproved_aggressive = 0;  ///< HASH_R given to somebody who never proved the key
    std::optional<Instant> next_attempt;
    Setbacks setbacks;
    std::optional<Finding> refusal;  ///< what it last said against Phase 1; nothing since one was established
    Allowance phase1_begun;          ///< by it, and finished
    Allowance quick_modes;           ///< begun by it
    std::optional<Instant> told_of_limits;
    std::optional<Finding> last_error;
    std::optional<Instant> last_error_at;
    std::uint64_t negotiations = 0;
    std::uint64_t established = 0;
};

/// When Phase 1 is tried next: not before that.
inline Instant due_at(const Peer& peer) {
    return std::max(peer.next_attempt.value_or(Instant{}), peer.setbacks.pause_until());
}

}  // namespace causeway::ike
