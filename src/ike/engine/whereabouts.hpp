// Where one peer is, and how it is reached: its names and addresses, when they are looked up, which of them is
// called next, and from which of our addresses. Fed with the answers of look-ups and with what is seen of the
// peer; says what is to be looked up, told and tried. Knows no SA and no tunnel, and calls nobody.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/event.hpp"
#include "base/finding.hpp"
#include "base/occasional.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "ike/engine/deadlines.hpp"
#include "ike/engine/lookup.hpp"
#include "ike/engine/own_addresses.hpp"

namespace causeway::ike {

class Whereabouts {
 public:
    enum class Need {
        none,
        reach,  ///< somebody wants the peer, and no ISAKMP SA serves that shows life
    };
    /// What is known at the time of a call.
    struct Situation {
        Need need = Need::none;
        /// The address of ours that the peer's SAs go by, or that it is being called from.
        std::optional<IpAddress> local;
    };

    /// Its look-up has led to where it was not known to be.
    struct FoundAt {
        IpAddress remote{};
    };
    /// A name that could not be resolved can be: what waits for its next try need not.
    struct ResolvedAgain {};
    /// The answer is another one than before; `fresh`: with this address, which is new.
    struct AnswerChanged {
        std::optional<Path> fresh;
    };
    /// Our ends of the ways to it, as the machine says now.
    struct WaysKnown {
        std::vector<Path> paths;
    };
    /// No address of it has ever been known.
    struct NotFound {
        Finding why;
        std::optional<Instant> next;  ///< look-up
    };
    /// What an answer means has been said: the peer may be called, if that is due.
    struct Answered {};
    /// What has been called was silent for long enough: another of the addresses may be called beside it.
    struct AnotherAddressDue {};
    using Change = std::variant<Lookup, Event, FoundAt, ResolvedAgain, AnswerChanged, WaysKnown, NotFound,
                                Answered, AnotherAddressDue>;
    using Changes = std::vector<Change>;

    /// As configured now: `peer` outlives this object, or the next call of it. Its name and addresses stay
    /// the same.
    void configure(const config::Peer& peer, const LookupBounds& bounds);

    // ---- questions

    /// False for a peer that may come from anywhere and has no address of its own: only it can begin.
    [[nodiscard]] bool can_be_called() const;
    [[nodiscard]] bool searching(const Situation& situation) const {
        return situation.need == Need::reach && can_be_called();
    }
    [[nodiscard]] bool lookup_under_way() const { return deadlines_.armed(Timer::answer_missing); }
    /// Somebody calls whom no look-up has led to: it may be this peer, and its name have just moved. Never
    /// sooner after the last look-up than is configured.
    [[nodiscard]] bool name_may_have_moved(Instant now) const;
    [[nodiscard]] bool is_known_at(const IpAddress& remote) const;
    /// The last look-up has led somewhere; nothing: there was none. A peer that may come from anywhere is not looked up.
    [[nodiscard]] std::optional<bool> found() const {
        return unresolved_ ? std::optional(false) : paths_.empty() ? std::nullopt : std::optional(true);
    }
    /// No look-up has led anywhere, and nobody has called.
    [[nodiscard]] bool found_nowhere() const { return paths_.empty(); }
    /// Nothing says that it is elsewhere.
    [[nodiscard]] bool may_be_at(const IpAddress& remote) const {
        return paths_.empty() || is_known_at(remote);
    }
    [[nodiscard]] const std::vector<Path>& paths() const { return paths_; }
    /// What the next attempt uses.
    [[nodiscard]] std::optional<Path> next_path() const;
    /// What the others use that begin beside it, in their order.
    [[nodiscard]] std::vector<Path> other_paths() const;
    /// Where it really was, or what comes first in the answer.
    [[nodiscard]] std::optional<Path> best_path() const;
    /// We reach it from another address since a short time ago: a peer that knows us by name may refuse us
    /// until our name has followed.
    [[nodiscard]] bool our_end_has_just_changed(Instant now) const;
    /// It was there a short time ago, and moved: what comes from there was overtaken.
    [[nodiscard]] bool has_just_left(const Endpoint& remote, Instant now) const;

    // ---- look-ups

    [[nodiscard]] Changes look_up(const Situation& situation, Instant now);
    /// Our addresses or routes are others: the ways may be, and the names. `standing`: where an ISAKMP SA has
    /// the peer. The way to the address where it was last is known sooner than any name server answers.
    [[nodiscard]] Changes our_addresses_changed(const std::optional<IpAddress>& standing,
                                                const Situation& situation, Instant now);
    [[nodiscard]] Changes answered(LookupDone done, const OwnAddresses& ours, const Situation& situation,
                                   Instant now);

    // ---- what was seen

    /// One of its addresses is called.
    void called(const Situation& situation, Instant now);
    /// Nobody has answered, or was refused: the next address's turn, and after the last the next name's.
    void attempt_failed();
    /// `path` is what the next attempt uses.
    void prefer(const Path& path);
    void fell_silent(Instant now);
    void showed_life() { silent_since_.reset(); }
    /// Something has changed that may end a silence: it is looked for as eagerly as at first.
    void search_anew(Instant now);
    /// Phase 1 is established: nothing else of it is called, and our end is where it knows us.
    void reached();
    enum class Caller { we, peer_itself };
    /// It is there, says Phase 1, whatever its name says. Called from there, we have still to ask which of our
    /// addresses packets to it leave by.
    [[nodiscard]] Changes is_at(const Path& path, Caller caller, const Situation& situation);
    /// The peer has moved from there.
    void left(const Endpoint& remote, Instant now);
    void our_end_changed(Instant now);
    /// The machine says that packets to it leave by `path` now, while its SA goes by `in_use`. Gives the
    /// address that they left by before when that is what the SA goes by: then our end has changed. A peer may
    /// have called an address of ours that is none of its way's.
    [[nodiscard]] std::optional<IpAddress> take_way(const Path& path, const IpAddress& in_use, Instant now);
    void forget_way() { way_.reset(); }

    // ---- time

    [[nodiscard]] std::optional<Instant> next_timeout() const { return deadlines_.next(); }
    /// One thing that is due: what follows from it may change the situation that the next one is handed.
    [[nodiscard]] Changes handle_timeout(const OwnAddresses& ours, const Situation& situation, Instant now);

 private:
    enum class Timer {
        answer_missing,
        search,   ///< the name of a peer that is silent: it may be what is behind the times
        refresh,  ///< a name that was found, whatever the state of the tunnels
        another_address,
    };

    [[nodiscard]] const Sourced<config::PeerAddress>& asked() const { return config_->addresses[asked_]; }
    [[nodiscard]] bool asked_for_name() const;
    [[nodiscard]] Lookup question(const config::PeerAddress& address, const Situation& situation) const;
    [[nodiscard]] Lookup question_of_way(const IpAddress& remote, const Situation& situation) const;
    [[nodiscard]] Event about_name(EventCode code, const IpAddress& address) const;
    void search_later(const Situation& situation, Instant now);
    void refresh_later(const LookupDone& done, Instant now);
    void add_ways(const std::vector<Path>& ways);
    void drop_odd_addresses(LookupDone& done, const OwnAddresses& ours, Changes& changes);
    /// About an answer: it has not been told of the one before. Empty: nothing is.
    [[nodiscard]] bool is_odd_anew(const std::string& what);
    void lookup_failed(const std::string& why, const Situation& situation, Instant now, Changes& changes);
    void adopt_paths(std::vector<Path> paths, Changes& changes);

    const config::Peer* config_ = nullptr;
    LookupBounds bounds_;
    std::vector<Path> paths_;       ///< of the last look-up
    std::size_t path_turn_ = 0;     ///< of `paths_`: tried next
    std::size_t address_turn_ = 0;  ///< of the configured addresses: looked up next
    std::size_t asked_ = 0;         ///< of those: the look-up under way, or the last one
    Deadlines<Timer::another_address> deadlines_;
    Instant lookup_started_{};
    Duration search_pause_{};
    OptionalInstant silent_since_;
    bool unresolved_ = false;      ///< the last look-up found no way
    Occasional<std::string> odd_;  ///< what was odd about it, so that it is told once
    std::optional<Path> way_;      ///< to where the peer is now, as the machine said last
    OptionalInstant our_end_changed_at_;
    Endpoint left_{};
    Instant left_until_{};  ///< until then a message from there is one that was overtaken
};

}  // namespace causeway::ike
