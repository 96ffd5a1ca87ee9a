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
#include "ike/engine/remembered.hpp"
#include "ike/engine/retries.hpp"
#include "ike/engine/whereabouts.hpp"
#include "ike/engine/wish.hpp"
#include "ike/v1/aggressive_mode.hpp"
#include "ike/v1/main_mode.hpp"
#include "ike/v1/quick_mode.hpp"

namespace causeway::ike {

/// A message of ours that is sent again until the next one of its exchange comes.
struct Retransmission {
    Bytes datagram;
    unsigned tries = 1;
    Duration interval{};
    Instant next{};
};

/// A request that was answered: a repetition gets the same answer and changes nothing.
struct Answered {
    Bytes request_digest;
    Bytes reply;
};

/// Where a message came to and from.
struct Place {
    Endpoint local{};
    Endpoint remote{};
};

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

/// One Quick Mode.
struct Exchange {
    v1::quick_mode::State state;
    std::shared_ptr<const config::Model> model;  ///< keeps what the state points at
    std::uint32_t message_id = 0;
    bool initiator = false;
    Instant since{};
    std::uint64_t begun = 0;  ///< in steps of the engine
    std::string tunnel;       ///< display name
    std::optional<Retransmission> retransmission;
    std::optional<Answered> answered;
    Bytes pending_request_digest;  ///< request whose answer waits for Diffie-Hellman
    std::optional<Place> place;    ///< message 1 came from elsewhere: so answers go there, until HASH(3)
    std::optional<sa::SaId> made;  ///< the pair it made
    std::optional<Instant> confirmed_at;  ///< our message 3 left, the last time
    bool in_doubt = false;                ///< an error about a message 3 may be about its, or not
    Instant expires{};                    ///< forgotten then
    bool finished = false;
};

using Phase1 = std::variant<v1::main_mode::SaSent, v1::main_mode::KeyPending, v1::main_mode::KeSent,
                            v1::main_mode::AgreePending, v1::main_mode::AuthSent, v1::main_mode::SaReplied,
                            v1::main_mode::ResponderKeyPending, v1::main_mode::KeReplied,
                            v1::aggressive_mode::KeyPending, v1::aggressive_mode::SaSent,
                            v1::aggressive_mode::AgreePending, v1::aggressive_mode::ResponderKeyPending,
                            v1::aggressive_mode::Replied, v1::Established>;

/// RFC 3706. Only with a peer that announced it.
struct DpdState {
    std::uint32_t sequence = 0;
    unsigned unanswered = 0;
    Instant asked{};                 ///< the question that waits for its answer
    bool awaited = false;            ///< its answer has not come, whatever else has shown life since
    std::optional<Place> elsewhere;  ///< it is asked there as well: something came from there
    std::optional<Instant> asked_elsewhere;
    std::optional<Answered> answered;            ///< the peer's last question: said again, it gets the same
    std::optional<std::uint32_t> asked_by_peer;  ///< its highest number
    bool ever_answered = false;                  ///< a question, under this SA
    bool number_open = false;     ///< one about the path has had no answer: its number is repeated
    bool eager = false;           ///< asked because of unanswered traffic: once a second
    bool disowned = false;        ///< said not to be known to the peer: its ESP is no answer
    bool unheeded = false;        ///< so are Quick Modes under it: nor is it then
    std::optional<Instant> next;  ///< when to look again
};

/// What the way to the peer carries is being found out (path_probe.cpp). Sizes of whole IP packets, octets.
struct PathProbe {
    enum class Step {
        alive,        ///< without padding first: for the round trip
        sizes,        ///< one after the other, down
        still_alive,  ///< without padding again: it may be that the peer has gone meanwhile
    };
    Step step = Step::alive;
    std::vector<sa::SaId> waiting;  ///< pairs that are told
    std::size_t device = 0;
    Endpoint local{};
    Endpoint remote{};
    std::vector<std::size_t> sizes;
    std::size_t at = 0;    ///< of `sizes`, tried next
    std::size_t size = 0;  ///< sent last
    unsigned tries = 0;    ///< without padding
    bool asked = false;    ///< what was sent last may be answered
    Duration round_trip{};
    Instant first_asked{};
    Instant next{};
    Instant until{};
};

struct Peer;

struct IkeSa {
    explicit IkeSa(RandomSource& random) : message_ids(random) {}

    unsigned number = 0;
    bool initiator = false;
    bool dead = false;        ///< removed at the end of the call
    bool known = false;       ///< called us from where a configured peer is known to be
    bool round_trip = false;  ///< it has shown that it gets our answers
    bool proven = false;      ///< something has come under it since it was established
    bool being_replaced = false;
    bool answered_from_peer = false;  ///< something came back: the address is alive
    bool proposal_refused = false;    ///< that was NO-PROPOSAL-CHOSEN
    bool refused_unreadably = false;  ///< in place of message 6 something came that our key does not open
    bool worn_out = false;            ///< no more can be remembered soon: renewed, whichever serves
    Peer* peer = nullptr;  ///< null: a responder whose peer is not known yet; set by Engine::Impl::assign()
    std::shared_ptr<const config::Model> model;  ///< keeps what the states point at
    isakmp::Cookie cky_i{};
    isakmp::Cookie cky_r{};
    Endpoint local{};
    Endpoint remote{};
    Phase1 phase;
    std::optional<Retransmission> retransmission;
    std::vector<Answered> answered;
    Bytes pending_request_digest;
    unsigned refused_values = 0;     ///< of Diffie-Hellman, that it sent
    std::optional<Instant> tried;    ///< when many keys were last tried on a message of it
    std::size_t request_octets = 0;  ///< of the message that a responder answers now
    Instant created{};
    Instant expires{};  ///< half-open: given up; established: end of life
    std::optional<Instant> rekey_at;
    std::optional<Instant> established_at;
    std::optional<unsigned> replaces;  ///< number of the SA that this one renews
    std::optional<Instant> delete_at;  ///< replaced: deleted then
    Instant last_heard{};              ///< last authenticated message
    DpdState dpd;
    std::unique_ptr<PathProbe> path;  ///< while it goes on
    bool takes_no_padding = false;    ///< the peer does not answer padded questions
    std::optional<Instant> next_keepalive;
    std::optional<Instant> last_hint;
    std::optional<Instant> deaf_since;  ///< Quick Modes that made room for others have had no answer since
    std::optional<Finding> hint;        ///< what the peer said without protection: no proof
    std::vector<std::unique_ptr<Exchange>> exchanges;
    /// Informationals that wait for Quick Mode to end. No deque: an empty one costs half a kilobyte.
    std::vector<std::vector<isakmp::Payload>> deferred;
    std::optional<Instant> told_unknown;  ///< that it sends on an SPI that is not known
    std::optional<Instant> deferred_at;   ///< the next of them leaves then
    v1::MessageIds message_ids;           ///< of our exchanges
    SentMessages sent;                    ///< what comes back to us is not for us
    SeenMessageIds seen;                  ///< of the peer's exchanges: none begins twice

    /// Nothing has come under it since it was made: the peer may not have our last message.
    [[nodiscard]] bool unproven() const { return !proven; }
    [[nodiscard]] const v1::Established* established() const { return std::get_if<v1::Established>(&phase); }
    [[nodiscard]] const v1::Progress& progress() const;
    [[nodiscard]] const v1::StepRule* rule() const;  ///< of the waiting state; null when established
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
