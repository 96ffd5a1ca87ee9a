// Our own names: a peer that knows us by name looks it up, and cannot recognise us while it points elsewhere.
// Behind NAT nobody here can know where it ought to point. Fed with the names, our ends towards the peers and
// the answers of look-ups; says what is to be looked up and told. Never asks the peers or the system itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/event.hpp"
#include "base/time.hpp"
#include "ike/engine/deadlines.hpp"
#include "ike/engine/lookup.hpp"
#include "status/status.hpp"

namespace causeway::ike {

/// The addresses of ours that the peers which know us by one name see, as far as we can know.
class OurEnds {
 public:
    enum class Nat { none_seen, found };  ///< by Phase 1, before our end

    /// `local`: the address of ours that one of those peers is reached from.
    void add(const IpAddress& local, Nat nat);
    [[nodiscard]] const std::vector<IpAddress>& public_addresses() const { return public_addresses_; }
    [[nodiscard]] bool behind_nat() const { return behind_nat_; }

 private:
    std::vector<IpAddress> public_addresses_;
    bool behind_nat_ = false;
};

class OwnNames {
 public:
    /// The name points to us again: what peers refused because of it they may accept now.
    struct RecognisableAgain {
        std::string name;
    };
    using Change = std::variant<LookupName, Event, RecognisableAgain>;
    using Changes = std::vector<Change>;

    struct Verdict {
        status::OwnNameState state = status::OwnNameState::unknown;
        std::string note;  ///< the same in a sentence
    };

    /// As configured now. What is known of names that stay is kept; new ones are due for look-up at once.
    /// One that is listed twice counts once.
    void set_names(const std::vector<std::string>& names, const LookupBounds& bounds, Instant now);
    [[nodiscard]] Changes answered(NameDone done, const OurEnds& ends, Instant now);
    /// Names are about to follow, as a rule: they are looked up.
    [[nodiscard]] Changes our_addresses_changed(Instant now);

    /// What the names are compared with may have changed.
    void doubt();
    /// One that has not been compared since.
    [[nodiscard]] std::optional<std::string> doubted() const;
    [[nodiscard]] Changes compare(std::string_view name, const OurEnds& ends, Instant now);

    [[nodiscard]] std::optional<Instant> next_timeout() const;
    [[nodiscard]] Changes handle_timeout(Instant now);

    /// Of a name that is not watched it is that nothing is known.
    [[nodiscard]] Verdict verdict(std::string_view name) const;

 private:
    enum class Timer { answer_missing, look_up };

    struct Name {
        std::string name;
        Deadlines<Timer::look_up> deadlines;
        std::vector<IpAddress> addresses;
        std::string failure;
        Verdict verdict;
        std::string told;
        bool doubted = false;
        bool was_right = false;              ///< at some time: it is a name of the DNS
        std::optional<Instant> wrong_since;  ///< looked up like a silent peer's
    };

    [[nodiscard]] Name* find(std::string_view name);
    [[nodiscard]] static Verdict judge(const Name& own, const OurEnds& ends);
    static void compare(Name& own, const OurEnds& ends, Instant now, Changes& changes);
    void take_answer(Name& own, NameDone done, const OurEnds& ends, Instant now, Changes& changes) const;
    [[nodiscard]] Duration pause_after(const Name& own, Duration ttl, Instant now) const;
    void handle_timeout(Name& own, Instant now, Changes& changes) const;

    std::vector<Name> names_;
    LookupBounds bounds_;
};

}  // namespace causeway::ike
