// One conversation with a peer, whatever version of IKE it is held in: an ISAKMP SA with its exchanges (RFC 2408,
// RFC 2409), or an IKE SA (RFC 7296). Here: what the engine asks of it, and what it tells. What is on the wire, what is
// repeated and when, how a question about life is put, only the version knows. Sans-IO, like the engine: the time and
// randomness come from the owner.
//
// What is told of the peer and of children (session::Heard and the events behind it), and questions about the peer's other
// sessions, pairs and whereabouts, need a peer: they come only once it is known, as an initiator or after Established.
//
// A session tells its owner at once, in the order in which things happen: what follows (a pair is deleted, another is
// begun) may be said under the same session, before the rest of the message is read. So after each event it may be
// over. It is destroyed only when nothing of it is running.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/event.hpp"
#include "base/finding.hpp"
#include "base/occasional.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "codec/isakmp/message.hpp"
#include "config/model.hpp"
#include "crypto/algorithm.hpp"
#include "ike/inquiry.hpp"
#include "ike/outputs.hpp"
#include "negotiation/candidates.hpp"
#include "negotiation/encapsulation.hpp"
#include "negotiation/phase2.hpp"
#include "negotiation/reason.hpp"
#include "sa/sa.hpp"
#include "status/status.hpp"

namespace causeway::ike {

/// Where a message came to and from, or goes from and to.
struct Place {
    Endpoint local{};
    Endpoint remote{};
    friend bool operator==(const Place&, const Place&) = default;
};

enum class Role { initiator, responder };

// ---- what a session tells -----------------------------------------------------------------------------------------

namespace session {

// For the log. Strangers can make us say some of it again and again: the owner sees to that.
struct Said {
    Event event;
    Endpoint remote{};  ///< whom it is about
};
struct Ignored {
    Endpoint remote{};
    std::string why;
};
/// A message in clear: it is read, and believed no further than each event says.
struct InClear {};
/// A datagram that is no message at all.
struct Malformed {
    Endpoint remote{};
    Error error;
};
/// A message that says nothing to us. Errc::limit: it is longer than what is read.
struct Unreadable {
    Endpoint remote{};
    Error error;
};
struct OverLimit {
    Endpoint remote{};
    std::string what;
};

/// Diffie-Hellman as a job. Without `key` a pair is made; with `peer_public` the secret is computed as well. The answer
/// comes back with the tag.
struct DhWanted {
    std::uint64_t tag = 0;
    crypto::GroupId group{};
    std::shared_ptr<const crypto::DhKey> key;
    Bytes peer_public;
};
/// Keys were derived.
struct KeysDerived {
    std::size_t count = 0;
    bool on_trial = false;  ///< to read a message that somebody sent who has proved nothing
};

// ---- until it is established ----

/// A caller has shown that it gets what we send.
struct ShownItself {};
struct Established {
    std::string peer;  ///< its name in the configuration
    std::string suite;
    std::optional<crypto::GroupId> group;           ///< of our configuration's; nothing: it was none of those
    config::Lifetime own_lifetime{};                ///< as it was configured when it began
    std::vector<config::Lifetime> their_lifetimes;  ///< one after the other, as the peer has asked
    bool liveness_wanted = false;                   ///< by both ends
    bool initial_contact = false;                   ///< the peer has no other SA with us (RFC 2407 4.6.3.3)
};
/// It is forgotten without a word.
struct Dropped {};
/// It is over.
struct Failed {
    Finding why;
};
/// The same, for nobody has answered.
struct GaveUp {
    Finding why;
    bool said_before = false;  ///< it is what the peer has said without proof
    std::string state;         ///< what it waited for, as the version calls it
    unsigned tries = 0;
};
/// limits::told_of_silence_after messages have had no answer; it goes on.
struct FellSilent {
    Finding why;
};
/// What a caller wants is not what we have.
struct CallerRefused {
    Endpoint remote{};
    std::string subject;  ///< the peer, or its tunnel, that it fits best; empty: nobody
    Finding why;
};
/// It goes on, but somebody waits for a word: what the peer has said without proof.
struct StillRefused {
    Finding why;
};
/// Our message 1 has come to nothing because of our own name, and is to be written anew.
struct CallAnew {};
/// Our message 1 has been sent as often as others are; it is repeated for as long as our name may be behind.
struct CallsInVain {
    Finding why;
};
/// Said without proof, against the whole conversation.
struct RefusedInClear {
    Finding why;
};
/// The peer has proved who it is, and does not like who we are.
struct IdentityRefused {
    std::string peer;
    Finding why;
};

// ---- the peer ----

/// What went wrong last with it.
struct Erred {
    Finding why;
};
/// Something has come that is authenticated and new.
struct Heard {};
/// It has proved to be there now.
struct Moved {
    Place to;
};
/// The question about life has its answer.
struct QuestionAnswered {
    std::optional<Duration> round_trip{};  ///< nothing when it was asked more than once
};
/// Somebody without keys says that something is wrong: the peer may be asked.
struct Doubted {};
/// The same: that the peer does not know this conversation.
struct Disowned {};
struct InitialContact {};
/// The peer asks for a shorter life of the conversation (RFC 2407 4.6.3.1).
struct LifetimeAsked {
    config::Lifetime lifetime{};
};
/// It does not know what we send on.
struct SpiUnknown {
    std::uint32_t spi = 0;
};
/// Of its children, by either SPI.
struct ChildrenDeleted {
    std::vector<std::uint32_t> spis;
};
/// Conversations: both SPIs of each, one behind the other.
struct SessionsDeleted {
    std::vector<Bytes> spis;
};
/// No more can be remembered under it soon: it is to be renewed.
struct WornOut {};

// ---- its children ----

/// How a negotiation came to nothing: without a word, or because of what it is about.
enum class Refused { no, proposal, networks, confirmation };

/// The peer asks for one: that is a sign of life as well.
struct ChildAsked {};
/// The peer is about to begin one.
struct ChildBegun {
    sa::ReqId reqid = 0;
};
/// The peer may send on it.
struct ChildConfirmed {
    sa::SaId id{};
};
/// Both ends have it.
struct ChildFinished {};
/// What it made is lost.
struct ChildLost {
    sa::ReqId reqid = 0;
    sa::SaId id{};
    Finding why;
    bool tell_peer = false;
};
struct ChildFailed {
    sa::ReqId reqid = 0;
    Role role = Role::initiator;
    Finding why;
    Refused refused = Refused::no;
};
/// What came of an offer that was made to learn something.
struct TrialEnded {
    sa::ReqId reqid = 0;
    bool accepted = false;
};
/// The peer may not have it.
struct ChildInDoubt {
    sa::SaId id{};
    Finding why;
};
/// Two messages of ours about it have had no answer, the first one then.
struct ChildUnanswered {
    sa::ReqId reqid = 0;
    Instant since{};
};
/// limits::told_of_silence_after messages about it have had no answer; it goes on.
struct ChildSilent {
    sa::ReqId reqid = 0;
    Instant since{};
    Finding why;
};
/// The last one has had none either; nothing else may have come since.
struct Unheeded {
    Instant since{};
};
/// What waited for another thing to end may begin.
struct Idle {};

// ---- the way ----

/// What it carries, as far as the device lets larger packets out. Octets of whole IP packets.
struct PathProven {
    std::size_t octets = 0;
    std::size_t device = 0;
    bool whole = false;
};
/// The peer does not answer what is padded.
struct PathUnknown {
    std::size_t device = 0;
};

}  // namespace session

using SessionEvent =
    std::variant<session::Said, session::Ignored, session::InClear, session::Malformed, session::Unreadable,
                 session::OverLimit, Transmit, PathFound, session::DhWanted, session::KeysDerived,
                 session::ShownItself, session::Established, session::Dropped, session::Failed,
                 session::GaveUp, session::FellSilent, session::CallerRefused, session::StillRefused,
                 session::CallAnew, session::CallsInVain, session::RefusedInClear, session::IdentityRefused,
                 session::Erred, session::Heard, session::Moved, session::QuestionAnswered, session::Doubted,
                 session::Disowned, session::InitialContact, session::LifetimeAsked, session::SpiUnknown,
                 session::ChildrenDeleted, session::SessionsDeleted, session::WornOut, session::ChildAsked,
                 session::ChildBegun, session::ChildConfirmed, session::ChildFinished, session::ChildLost,
                 session::ChildFailed, session::TrialEnded, session::ChildSilent, session::ChildInDoubt,
                 session::ChildUnanswered, session::Unheeded, session::Idle, session::PathProven,
                 session::PathUnknown>;

/// What has been agreed on, with the keys: a pair of ESP SAs.
struct AgreedChild {
    sa::ReqId reqid = 0;
    Role role = Role::initiator;
    crypto::CipherId cipher{};
    crypto::IntegrityId integrity{};
    negotiation::PfsGroup pfs;
    sa::EspSa inbound;
    sa::EspSa outbound;
    sa::Encapsulation encapsulation = sa::Encapsulation::none;
    config::Lifetime lifetime{};
    bool lifetime_adopted = false;  ///< the peer's was shorter
    Bytes nonces;                   ///< Ni | Nr: the same at both ends, of no other child
    std::uint64_t begun = 0;        ///< in steps of the engine
    Instant since{};                ///< our first message about it left, or the peer's came
    bool confirmed = false;         ///< we may send on it at once
};

/// Whom a session belongs to: takes what it tells, and answers what it has to know of the rest.
class SessionOwner {
 public:
    SessionOwner() = default;
    SessionOwner(const SessionOwner&) = delete;
    SessionOwner& operator=(const SessionOwner&) = delete;
    virtual ~SessionOwner() = default;

    virtual void perform(SessionEvent&& event) = 0;
    /// Nothing: its tunnel is not configured any more.
    virtual std::optional<sa::SaId> install(AgreedChild&& child) = 0;
    /// One that no other child of ours has.
    [[nodiscard]] virtual std::uint32_t new_spi() = 0;
    /// Children are counted in the order in which they are begun and made.
    [[nodiscard]] virtual std::uint64_t next_step() = 0;
    [[nodiscard]] virtual RandomSource& random() = 0;

    /// The same instant for everything that one input leads to.
    [[nodiscard]] virtual Instant now() const = 0;
    /// Nothing more is to be done under it.
    [[nodiscard]] virtual bool over() const = 0;
    [[nodiscard]] virtual bool stopping() const = 0;
    /// As it is configured now; null while nobody knows who the caller is.
    [[nodiscard]] virtual const config::Peer* peer() const = 0;
    [[nodiscard]] virtual const std::shared_ptr<const config::Model>& model() const = 0;
    /// There is nothing else with this peer, begun or finished, by either side.
    [[nodiscard]] virtual bool is_alone() const = 0;
    /// Of several with this peer it is this one under which things are begun.
    [[nodiscard]] virtual bool serves() const = 0;

    // Those who have proved nothing have budgets.
    [[nodiscard]] virtual bool may_compute(config::ExchangeMode mode) const = 0;
    virtual void computes(config::ExchangeMode mode) = 0;
    /// Keys that may be derived now to read a message.
    [[nodiscard]] virtual std::size_t trials_left() const = 0;
    /// A refusal in clear; counts as told.
    [[nodiscard]] virtual bool may_refuse(const IpAddress& remote) = 0;
    /// The peer may begin another child; else it has been told of, and that is all.
    [[nodiscard]] virtual bool may_answer_child() = 0;

    /// The peer was there until just now: what comes from there may have been overtaken.
    [[nodiscard]] virtual bool has_just_left(const Endpoint& remote) const = 0;
    /// Those who know us by name may refuse us until it has followed.
    [[nodiscard]] virtual bool our_end_has_just_changed() const = 0;
    /// Another group of ours has not been refused.
    [[nodiscard]] virtual bool another_group_left() const = 0;
    /// The child of another tunnel could begin under this one.
    [[nodiscard]] virtual bool another_child_waits(sa::ReqId reqid) const = 0;

    struct InstalledChild {
        std::uint32_t spi_in = 0;
        std::uint32_t spi_out = 0;
        bool carries = false;  ///< the peer has sent on it
    };
    [[nodiscard]] virtual std::optional<InstalledChild> child(sa::SaId id) const = 0;
    /// An SPI of a pair that is in use with this peer.
    [[nodiscard]] virtual bool has_pair_with(ByteView spi) const = 0;
};

// ---- what is asked of a session -----------------------------------------------------------------------------------

/// A tunnel of which we begin to negotiate a child.
struct ChildOffer {
    const config::Tunnel* tunnel = nullptr;
    negotiation::PfsGroup pfs;  ///< only proposals with this one are offered
    /// Only to learn whether the peer would accept it: the owner of `tunnel`, which is none of the model's. Nothing is
    /// installed, and the peer is told to forget what it has made.
    std::shared_ptr<const config::Tunnel> trial{};
};

/// What has been found out about NAT.
struct NatFacts {
    bool told = false;  ///< the peer has said what it sees; without that nothing is known
    bool local = false;
    bool remote = false;
    negotiation::NatVariant variant = negotiation::NatVariant::none;
    [[nodiscard]] bool any() const { return local || remote; }
};

/// Whom a responder has answered who never proved to have the key, with what keys can be tried on (RFC 2409 5.4).
struct Unproved {
    std::string peer;
    std::string identity;
};

class Session {
 public:
    Session(Role role, Place place, std::shared_ptr<const config::Model> model)
        : role_(role), place_(place), model_(std::move(model)) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    virtual ~Session() = default;

    [[nodiscard]] Role role() const { return role_; }
    [[nodiscard]] bool initiator() const { return role_ == Role::initiator; }
    [[nodiscard]] const Endpoint& local() const { return place_.local; }
    [[nodiscard]] const Endpoint& remote() const { return place_.remote; }
    [[nodiscard]] const Place& place() const { return place_; }
    /// The peer is there: from now on it is spoken to from there to there.
    void move(const Place& place) { place_ = place; }
    [[nodiscard]] const std::shared_ptr<const config::Model>& model() const { return model_; }

    /// Of the initiator and, when it has answered, of the responder: at the same place in the header of every version
    /// (RFC 2408 3.1, RFC 7296 3.1).
    [[nodiscard]] const isakmp::Cookie& spi_i() const { return spi_i_; }
    [[nodiscard]] const isakmp::Cookie& spi_r() const { return spi_r_; }
    [[nodiscard]] Bytes spis() const;

    [[nodiscard]] bool established() const { return established_; }
    /// Something has come back: somebody is there.
    [[nodiscard]] bool was_answered() const { return answered_; }
    /// A caller gets what we send.
    [[nodiscard]] bool round_trip() const { return round_trip_; }
    /// The peer has said that what we offer is not what it wants.
    [[nodiscard]] bool offer_refused() const { return offer_refused_; }
    /// What it has said without protection: no proof.
    [[nodiscard]] const Occasional<Finding>& hint() const { return hint_; }
    void set_hint(Finding said) { hint_ = std::move(said); }
    [[nodiscard]] Inquiry& inquiry() { return inquiry_; }
    [[nodiscard]] const Inquiry& inquiry() const { return inquiry_; }

    // ---- inputs ----

    /// Initiator: the first message. `group`: of the only public value that it has room for.
    virtual void call(crypto::GroupId group) = 0;
    /// Responder: takes the first message. False: it is refused, and all that was to be said is said. Nothing of it is
    /// sent before proceed().
    [[nodiscard]] virtual bool answer(const Datagram& datagram,
                                      const negotiation::Candidates& candidates) = 0;
    virtual void proceed() = 0;

    enum class Claim {
        none,
        ours,       ///< it is one that we have sent
        addressed,  ///< to this one
    };
    /// Of a datagram that has its spi_i.
    [[nodiscard]] virtual Claim claim(const Datagram& datagram, const isakmp::Header& header) const = 0;
    virtual void handle(const Datagram& datagram) = 0;
    virtual void dh_done(std::uint64_t tag, DhDone&& done) = 0;
    virtual void handle_timeout() = 0;

    /// Deadlines, as they are looked at after each input: how many there are, and the first.
    class Timers {
     public:
        void add(Instant at) {
            earliest_ = std::min(earliest_, at);
            ++count_;
        }
        [[nodiscard]] std::size_t count() const { return count_; }
        [[nodiscard]] std::optional<Instant> next() const {
            return count_ != 0 ? std::optional(earliest_) : std::nullopt;
        }

     private:
        Instant earliest_ = Instant::max();
        std::size_t count_ = 0;
    };
    virtual void add_timers(Timers& timers) const = 0;

    /// A message that waits for its answer is sent again now: what hindered it is over.
    virtual void repeat_now() = 0;

    // ---- once it is established ----

    /// The peer can be asked: it is looked after from then on.
    virtual void watch(Instant next) { inquiry_.begin(next); }
    enum class Where {
        also_elsewhere,  ///< and where something has come from that proves nothing
        here,
    };
    /// Asks whether the peer is there, as soon as it is its turn; when to look again is the inquiry's.
    virtual void ask_alive(Where where) = 0;
    void ask_alive() { ask_alive(Where::also_elsewhere); }
    /// Finds out what the way carries, for a pair; answered by PathFound.
    virtual void probe_path(sa::SaId id, std::size_t device_mtu) = 0;
    virtual void delete_child(std::uint32_t spi_in) = 0;
    /// The peer is told that it ends, and what was to be told before.
    virtual void say_goodbye() = 0;
    [[nodiscard]] virtual NatFacts nat() const = 0;
    /// What an earlier one has found out between the same addresses.
    virtual void assume_nat(const NatFacts& nat) = 0;
    /// As it says itself, without proof.
    [[nodiscard]] virtual bool peer_is_causeway() const = 0;
    /// One thing is begun at a time, whoever begins it.
    [[nodiscard]] virtual bool one_at_a_time() const = 0;

    // ---- children that are being negotiated ----

    [[nodiscard]] virtual bool may_begin_child() const = 0;
    virtual void begin_child(const ChildOffer& offer) = 0;
    [[nodiscard]] virtual bool negotiates(sa::ReqId reqid) const = 0;
    [[nodiscard]] virtual std::size_t negotiations() const = 0;
    /// Of what we have begun and nobody has answered to the end.
    [[nodiscard]] virtual std::vector<sa::ReqId> own_negotiations() const = 0;
    virtual void drop_own_negotiations() = 0;
    /// Whoever has begun them: the tunnel is not configured any more, or another one.
    virtual void drop_negotiations_of(sa::ReqId reqid) = 0;
    /// Of what the peer has begun and not confirmed, for this tunnel: how many, and when the oldest one began.
    struct Unconfirmed {
        std::size_t count = 0;
        std::uint64_t oldest = 0;  ///< in steps of the engine
    };
    [[nodiscard]] virtual Unconfirmed unconfirmed(sa::ReqId reqid) const = 0;
    virtual void end_unconfirmed(sa::ReqId reqid, std::uint64_t begun) = 0;
    /// The negotiation that has made this pair, and is not finished, ends. False: there is none.
    virtual bool end_negotiation_of(sa::SaId id) = 0;
    /// The peer sends on it: it needs no more proof.
    virtual void first_inbound(sa::SaId id) = 0;
    /// The session ends, and with it what is not finished. Pairs that it has made so far.
    [[nodiscard]] virtual std::vector<sa::SaId> end_negotiations() = 0;

    // ---- what is told ----

    /// Which budget its beginning counts against.
    [[nodiscard]] virtual config::ExchangeMode mode() const = 0;
    [[nodiscard]] virtual std::optional<Unproved> unproved() const { return std::nullopt; }
    [[nodiscard]] virtual std::string remote_id() const = 0;
    /// Fills in what it knows.
    virtual void describe(status::IsakmpSa& status) const = 0;

 protected:
    void set_spis(const isakmp::Cookie& initiator, const isakmp::Cookie& responder) {
        spi_i_ = initiator;
        spi_r_ = responder;
    }
    void set_established() { established_ = true; }
    void set_answered() { answered_ = true; }
    void set_round_trip() { round_trip_ = true; }
    void set_offer_refused() { offer_refused_ = true; }

 private:
    Role role_;
    Place place_;
    std::shared_ptr<const config::Model> model_;  ///< keeps what the states point at
    isakmp::Cookie spi_i_{};
    isakmp::Cookie spi_r_{};
    bool established_ = false;
    bool answered_ = false;
    bool round_trip_ = false;
    bool offer_refused_ = false;
    Occasional<Finding> hint_;
    Inquiry inquiry_;
};

// ---- a version of IKE ---------------------------------------------------------------------------------------------

/// What a datagram is that no session lays claim to.
namespace unclaimed {

struct Opening {  ///< somebody begins a session
    config::ExchangeMode mode = config::ExchangeMode::main;
    bool encrypted = false;
};
struct Notice {  ///< in clear: anybody can have written it
    std::string name;
    std::optional<std::uint32_t> unknown_spi;
};
struct Notices {
    std::vector<Notice> all;
};
struct Unknown {
    std::string what;
    bool of_session = false;  ///< of one that the sender has, and we may have forgotten
};
struct Malformed {  ///< no message at all
    Error error;
};

}  // namespace unclaimed
using Unclaimed =
    std::variant<unclaimed::Opening, unclaimed::Notices, unclaimed::Unknown, unclaimed::Malformed>;

class Protocol {
 public:
    Protocol() = default;
    Protocol(const Protocol&) = delete;
    Protocol& operator=(const Protocol&) = delete;
    virtual ~Protocol() = default;

    [[nodiscard]] virtual unsigned major_version() const = 0;
    [[nodiscard]] virtual Unclaimed classify(const Datagram& datagram) const = 0;
    [[nodiscard]] virtual std::unique_ptr<Session> make(SessionOwner& owner, Role role,
                                                        const Place& place) const = 0;

    // To those with whom there is no session; never longer than what came. In the header as it came.
    [[nodiscard]] virtual Bytes refusal(const isakmp::Header& about, const negotiation::Reason& reason,
                                        RandomSource& random) const = 0;
    [[nodiscard]] virtual Bytes session_unknown(const isakmp::Header& about, RandomSource& random) const = 0;
};

}  // namespace causeway::ike
