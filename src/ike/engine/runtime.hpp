// What the engine remembers: peers with their tunnels, ISAKMP SAs with their exchanges, ESP SA pairs. Plain
// data, owned by the engine, changed by the functions of impl.hpp only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/finding.hpp"
#include "base/occasional.hpp"
#include "config/model.hpp"
#include "ike/engine/agenda.hpp"
#include "ike/engine/attempts.hpp"
#include "ike/engine/beside.hpp"
#include "ike/engine/caller_budgets.hpp"
#include "ike/engine/child_sas.hpp"
#include "ike/engine/engine.hpp"
#include "ike/engine/flapping.hpp"
#include "ike/engine/incoming_calls.hpp"
#include "ike/engine/offered_groups.hpp"
#include "ike/engine/outage.hpp"
#include "ike/engine/pfs_trial.hpp"
#include "ike/engine/remarks.hpp"
#include "ike/engine/retries.hpp"
#include "ike/engine/sa_life.hpp"
#include "ike/engine/trouble.hpp"
#include "ike/engine/whereabouts.hpp"
#include "ike/engine/wish.hpp"
#include "ike/limits.hpp"
#include "ike/session.hpp"
#include "status/pulse.hpp"

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

/// One octet of UDP now and then, so that a NAT in front of us does not forget the way (RFC 3948 4).
class Keepalives {
 public:
    void begin(Instant now) { next_ = now + limits::nat_keepalive; }
    /// True: one is to be sent now.
    bool take_due(Instant now) {
        if (!next_ || *next_ > now) {
            return false;
        }
        begin(now);
        return true;
    }
    [[nodiscard]] std::optional<Instant> next() const { return next_; }

 private:
    OptionalInstant next_;
};

/// A session, and its place among the others.
struct IkeSa {
    /// `ended`: where it is put down when it is over.
    IkeSa(unsigned its_number, Caller::Standing its_standing, const SaLife& its_life,
          std::vector<IkeSa*>& ended)
        : number(its_number), standing(its_standing), life(its_life), ended_(ended) {}
    IkeSa(const IkeSa&) = delete;
    IkeSa& operator=(const IkeSa&) = delete;
    ~IkeSa() {
        if (over_) {
            std::erase(ended_, this);  // one that never came to stand among the others
        }
    }

    const unsigned number;
    const Caller::Standing standing;  ///< of a caller: whether it calls from where a configured peer is
    SaLife life;
    Keepalives keepalives;
    Peer* peer = nullptr;          ///< null: a caller who is not known yet; set by Engine::Impl::assign()
    OptionalInstant tried;         ///< when many keys were last tried on a message of it
    OptionalInstant told_unknown;  ///< that it sends on an SPI that is not known
    Scheduled scheduled;           ///< while the caller is not known
    /// Its places in what Engine::Impl finds it by; nothing: it does not stand there.
    std::optional<std::multimap<isakmp::Cookie, IkeSa*>::iterator> by_cookie;
    std::optional<std::multimap<IpAddress, IkeSa*>::iterator> half_open;
    std::unique_ptr<SessionOwner> owner;  ///< outlives the session
    std::unique_ptr<Session> session;

    /// Removed at the end of the call.
    void end() {
        if (!std::exchange(over_, true)) {
            ended_.push_back(this);
        }
    }
    [[nodiscard]] bool over() const { return over_; }

    [[nodiscard]] bool initiator() const { return session->initiator(); }
    [[nodiscard]] bool established() const { return session->established(); }
    [[nodiscard]] const Endpoint& local() const { return session->local(); }
    [[nodiscard]] const Endpoint& remote() const { return session->remote(); }
    [[nodiscard]] Inquiry& inquiry() const { return session->inquiry(); }
    /// Nothing has come under it since it was made: the peer may not have our last message.
    [[nodiscard]] bool unproven() const { return !inquiry().proven(); }
    /// We call, and nobody has answered yet.
    [[nodiscard]] bool calls() const { return !over_ && initiator() && !established(); }

 private:
    std::vector<IkeSa*>& ended_;
    bool over_ = false;
};

/// What is counted of a tunnel, for whoever draws it.
struct Tally {
    OptionalInstant up_since;
    std::uint64_t came_up = 0;
    std::uint64_t renewals = 0;
    sa::Usage of_ended;  ///< of its pairs that were removed
};

struct Tunnel {
    Tunnel(const config::Tunnel& tunnel, Instant now) : config(&tunnel), wish(tunnel.start), outage(now) {}

    const config::Tunnel* config;
    Wish wish;
    Retries retries;
    Outage outage;
    Flapping flapping;
    Remarks remarks;
    OfferedGroups pfs;  ///< of negotiation::offered_pfs()
    PfsTrial pfs_trial;
    ChildSas sas;
    Tally tally;

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

/// Whether a peer answers.
class FarEnd {
 public:
    void answers() { silent_ = false; }
    void does_not_answer() { silent_ = true; }
    [[nodiscard]] bool silent() const { return silent_; }  ///< what it was asked last had no answer
    void answered(const status::RoundTrip& trip) { trip_ = trip; }
    /// Of its last answer to a question about life that was asked once.
    [[nodiscard]] const std::optional<status::RoundTrip>& round_trip() const { return trip_; }

 private:
    bool silent_ = false;
    std::optional<status::RoundTrip> trip_;
};

struct Peer {
    explicit Peer(std::string its_name) : name(std::move(its_name)) {}

    const std::string name;
    const config::Peer* config = nullptr;
    bool not_called = false;   ///< stands in Engine::Impl::not_called_
    std::size_t position = 0;  ///< among the others, in the order of the configuration
    Scheduled scheduled;
    Whereabouts whereabouts;
    std::vector<std::unique_ptr<Tunnel>> tunnels;
    std::vector<IkeSa*> sas;            ///< by number; kept by Engine::Impl::assign()
    bool speaks_of_nat = false;         ///< an earlier Phase 1 had its NAT-D payloads
    bool nat_doubted = false;           ///< Phase 1 was made anew because a later one had none
    Occasional<NatFinding> nat_blamed;  ///< Phase 1 was made anew because tunnels were refused under it
    OfferedGroups groups;               ///< of negotiation::offered_groups(), in Aggressive Mode
    Beside beside;
    std::size_t path_told = 0;  ///< the MTU of the way to it, as it was reported last, octets
    Attempts attempts;
    IncomingCalls calls;
    /// Our packets go unanswered for this long before the peer is asked; doubled by each proof that it lives.
    Duration patience = sa::unanswered_first;
    OptionalInstant proved_alive;           ///< by an answer while its traffic stayed one-way
    std::uint64_t unproved_aggressive = 0;  ///< HASH_R given to somebody who never proved the key
    unsigned unproved_in_a_row = 0;         ///< since Phase 1 was established
    Trouble trouble;
    Remarks remarks;
    FarEnd far_end;
    Allowance phase1_begun;  ///< by it, and finished
    Allowance quick_modes;   ///< begun by it
    OptionalInstant told_of_limits;
    std::uint64_t negotiations = 0;
    std::uint64_t established = 0;
    std::uint64_t lookups = 0;  ///< that have ended
    std::uint64_t lookups_failed = 0;
};

/// Phase 1 was established with this peer under the key that is configured, and not many attempts have failed since.
inline bool key_has_worked(const Peer& peer) {
    return peer.established != 0 && peer.attempts.failures() < limits::key_doubted_after;
}

}  // namespace causeway::ike
