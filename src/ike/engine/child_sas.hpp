// The SA pairs of one tunnel: which one carries it, which one goes, in whose favour, and when. Pure: it is
// told what has happened and answers with what is to be done, which the engine performs. It knows neither
// ISAKMP SAs nor what is wanted of the tunnel.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/finding.hpp"
#include "base/time.hpp"
#include "ike/engine/loss.hpp"
#include "ike/engine/sa_outputs.hpp"
#include "negotiation/phase2.hpp"
#include "sa/sa.hpp"

namespace causeway::ike {

/// A pair of ESP SAs that a Quick Mode has made. Steps are counted by the engine, over all tunnels: instants
/// may be equal.
struct MadePair {
    unsigned number = 0;
    std::shared_ptr<const sa::SaPair> pair;
    negotiation::PfsGroup pfs;
    unsigned made_under = 0;  ///< number of the ISAKMP SA
    bool initiator = false;
    std::uint64_t begun = 0;      ///< step at which message 1 of its Quick Mode was sent or came
    std::uint64_t installed = 0;  ///< and at which it is installed
    /// The first octets of Ni_b | Nr_b. An initiator's nonce is random: what makes a difference is among these.
    std::array<std::uint8_t, 16> nonces{};
    Instant established{};
    Instant expires{};
    OptionalInstant rekey_at;

    /// As a proposal's: "aes128-sha1-modp1024".
    [[nodiscard]] std::string suite() const;
};

/// One pair of ESP SAs, changed by ChildSas only.
struct ChildSa : MadePair {
    explicit ChildSa(MadePair made) : MadePair(std::move(made)), remote(pair->remote_outer) {}

    Endpoint remote{};            ///< where it sends to now
    bool outbound = false;        ///< we may send on it
    bool replaced = false;        ///< a newer pair carries the tunnel: never renewed
    std::uint64_t followed = 0;   ///< turn in which we, or then the peer, began to send on it
    OptionalInstant activate_at;  ///< we made it, and send on the one before until then
    OptionalInstant remove_at;
    bool deleted = false;     ///< the peer was told; it goes on receiving until remove_at
    bool disclaimed = false;  ///< the peer has said INITIAL-CONTACT since
    Duration linger{};        ///< for so long, and twice as long again if the peer still sends on it
    std::optional<sa::SaId> in_favour_of;  ///< it is removed only while this one is there
};

/// What is to be done after a change; beside these, the outputs of sa_outputs.hpp as they are.
namespace child {

/// A DELETE for the peer, when there is an ISAKMP SA to send it under.
struct TellPeer {
    std::uint32_t spi = 0;  ///< of ours, inbound
};
/// A pair has begun to carry the tunnel.
struct Up {
    bool renewal = false;     ///< one did before
    bool crossed = false;     ///< both ends made one at the same time, and the other one has been told of
    bool disclaimed = false;  ///< the peer says that it does not have it: it is still to be replaced
    std::string suite;
    std::uint32_t spi_in = 0;
    std::uint32_t spi_out = 0;
    std::optional<Instant> rekey_at;
};
/// What carried is gone, and a pair that had been replaced carries again: better than nothing; but the peer
/// may have forgotten it, or have left where it sends to. It is to be renewed.
struct FellBack {
    bool initiator = false;  ///< who made it renews it: both ends may fall back to it
};
/// Nothing carries the tunnel any more.
struct Down {
    Finding why;
};
enum class Cause {
    closed,       ///< by the peer, or by the end of its life
    silence,      ///< the peer has forgotten it
    negotiation,  ///< its Quick Mode has failed
};
/// By what the peer does or does not do, the tunnel has lost what carried it, and nothing as good is left.
struct CarrierLost {
    Loss loss;
    Cause cause = Cause::closed;
    Instant made{};
    std::optional<Instant> left_until;  ///< what it fell back to ends then; nothing: nothing carries
};
/// The time to renew what carries has come.
struct RenewalDue {};

using Change = std::variant<InstallSa, ActivateOutbound, RemoveSa, MoveSa, TellPeer, Up, FellBack, Down,
                            CarrierLost, RenewalDue>;

}  // namespace child

class ChildSas {
 public:
    /// In the order in which they are to be done.
    using Changes = std::vector<child::Change>;

    /// When a pair that we can send on is sent on.
    enum class Outbound {
        now,        ///< we began, and have just sent message 3
        confirmed,  ///< with message 3, or the first packet, from the peer
    };
    enum class Tell { peer, nobody };
    /// Which of two pairs that were made at the same time both ends keep.
    enum class Partner {
        causeway,  ///< the one with the greater nonces
        other,     ///< nobody knows
    };
    /// What the answer hangs on beside the pairs.
    struct Circumstances {
        bool wanted = false;           ///< the tunnel, with or without traffic
        bool deletes_at_once = false;  ///< the peer is told of a pair that was replaced, and can be
    };

    [[nodiscard]] Changes add(MadePair made, Outbound outbound, Instant now);
    /// What makes room for another one, when there is no room: the pair that carries is never the one that
    /// goes. First those that the peer has begun and not confirmed, then what was replaced, each time the
    /// oldest.
    [[nodiscard]] std::optional<sa::SaId> to_make_room() const;
    /// Message 3 has come.
    [[nodiscard]] Changes confirm(sa::SaId id, Instant now);
    /// The first packet has come on it. The peer sends on it, so it has message 2: message 3 is lost or late
    /// (RFC 2409 5.5 needs no more proof, for only the peer has the keys).
    [[nodiscard]] Changes first_inbound(sa::SaId id, Instant now);

    /// By our own will.
    [[nodiscard]] Changes remove(sa::SaId id, const Finding& why, Tell tell, Instant now);
    [[nodiscard]] Changes remove_all(const Finding& why, Tell tell, Instant now);
    /// By what the peer does or does not do.
    [[nodiscard]] Changes lose(sa::SaId id, const Loss& loss, child::Cause cause, Tell tell, Instant now);

    struct Disclaimed {
        Changes changes;
        bool kept = false;     ///< some go on for some seconds
        bool dropped = false;  ///< some were removed
        bool lost = false;     ///< one of these carried the tunnel, and nothing does any more
        bool renew = false;    ///< what carries is one of those that go on: it is to be replaced
    };
    /// INITIAL-CONTACT in an exchange that began at `since`, from `remote`: what is older the peer does not
    /// have (RFC 2407 4.6.3.3). But some say so with every Phase 1, and go on using their SA pairs. From where
    /// it was before that may be: what carries goes on for some seconds, until something new carries, or the
    /// peer shows that it does not know it.
    [[nodiscard]] Disclaimed disclaim(const IpAddress& remote, Instant since, Instant now);
    /// The peer has shown that it does not know what it disclaimed: all, or what it names.
    [[nodiscard]] Changes drop_disclaimed(std::optional<std::uint32_t> outbound_spi, Instant now);

    /// All send from `local` to `remote`.
    [[nodiscard]] Changes move(const Endpoint& local, const Endpoint& remote);
    /// ESP has shown that the peer is at `remote`.
    [[nodiscard]] Changes peer_moved(const Endpoint& remote);
    /// Phase 1 has proved that the peer is at `remote`: those that were made elsewhere send there, too.
    [[nodiscard]] Changes bring_to(const Endpoint& local, const Endpoint& remote);
    /// Nothing more comes on a pair that the peer has left for another: where its newest packet came from
    /// says nothing, it may have been held back since.
    [[nodiscard]] bool has_been_left(sa::SaId id, const sa::UsageSource& usage) const;

    [[nodiscard]] Changes set_partner(Partner partner);
    /// The peer may have forgotten what carries: the next pair is sent on at once.
    void doubt_carrier() { carrier_doubted_ = true; }

    [[nodiscard]] std::optional<Instant> next_timeout() const;
    /// Every instant at which it has something to do.
    template <class Visit>
    void each_deadline(Visit&& visit) const {
        for (const auto& child : sas_) {
            each_deadline_of(child, [&](Deadline, Instant at) { visit(at); });
        }
    }
    [[nodiscard]] Changes handle_timeout(Instant now, const Circumstances& here,
                                         const sa::UsageSource& usage);

    /// The pair that carries the tunnel; null when it is down. Of several that nothing has replaced the one
    /// with the greatest nonces, so that both ends send on the same; with other peers, of whom nobody knows
    /// which they keep, the one that they have sent on last, or the newest. Valid until the next change.
    [[nodiscard]] const ChildSa* carrier() const;
    [[nodiscard]] const ChildSa* find(sa::SaId id) const;
    [[nodiscard]] const ChildSa* with_spi(std::uint32_t spi) const;  ///< in either direction
    [[nodiscard]] bool is_newest(sa::SaId id) const;
    [[nodiscard]] const std::vector<ChildSa>& all() const { return sas_; }  ///< newest last

 private:
    /// What a pair waits for, in the order in which it is looked at when several have come.
    enum class Deadline { expiry, activation, removal, renewal };
    /// One list for what is waited for and for what is acted on.
    template <class Visit>
    static void each_deadline_of(const ChildSa& child, Visit&& visit) {
        const auto maybe = [&](Deadline deadline, const std::optional<Instant>& at) {
            if (at) {
                visit(deadline, *at);
            }
        };
        visit(Deadline::expiry, child.expires);
        maybe(Deadline::activation, child.activate_at);
        maybe(Deadline::removal, child.remove_at);
        maybe(Deadline::renewal, child.rekey_at);
    }

    void activate(ChildSa& child, Instant now, Changes& changes);
    void retire_one(ChildSa& a, ChildSa& b, Instant now) const;
    void remove(sa::SaId id, const Finding& why, Tell tell, Instant now, Changes& changes);
    void lose(sa::SaId id, const Loss& loss, child::Cause cause, Tell tell, Instant now, Changes& changes);
    void act_on(Deadline deadline, const ChildSa& child, Instant now, const Circumstances& here,
                const sa::UsageSource& usage, Changes& changes);
    void end_replaced(const ChildSa& child, Instant now, const Circumstances& here,
                      const sa::UsageSource& usage, Changes& changes);
    void renew(const ChildSa& child, Instant now, const Circumstances& here, const sa::UsageSource& usage,
               Changes& changes);
    static void move_one(ChildSa& child, const Endpoint& local, const Endpoint& remote, Changes& changes);

    std::vector<ChildSa> sas_;  ///< newest last
    Partner partner_ = Partner::other;
    bool carrier_doubted_ = false;
    std::uint64_t turns_ = 0;  ///< in which somebody began to send on another pair
};

}  // namespace causeway::ike
