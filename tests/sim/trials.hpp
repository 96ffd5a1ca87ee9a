// What goes on for a whole run beside its faults (Trial in plan.hpp). An attacker has no keys, and nothing of
// what it does may be felt (attacker.cpp); an end with a way of its own is played with the keys that an
// observer derives, or by what its data plane tells its engine (trials.cpp). All chance is of dice of its
// own.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/faults.hpp"

namespace causeway::sim {

class Trials {
 public:
    Trials(Simulation& simulation, std::uint64_t seed);
    void begin();

    /// An IKE message leaves a gateway. False: it would not have sent it, or somebody has taken it away.
    /// What its manners have changed is not its own: its engine has never said it.
    bool leaves(Node& node, const Packet& packet, bool its_own);
    /// An IKE message arrives, and is given to the engine if this says so.
    bool arrives(unsigned node, const Packet& packet);
    /// False: an ESP packet arrives on an SA that this gateway has not installed yet.
    [[nodiscard]] bool takes_esp(unsigned node, const Packet& packet) const;
    void installed(Node& node, const Held& held);
    void reported(Node& node, const Event& event);
    /// What is kept of messages: it is not the engines' memory.
    [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
    using Deed = void (Trials::*)();
    void again(Duration mean, Deed deed);
    void go_on();
    [[nodiscard]] Link& stage() { return s_.links[s_.plan.stage]; }
    [[nodiscard]] Node& odd() { return s_.end_of(stage(), s_.plan.odd_first); }
    [[nodiscard]] Node& other() { return s_.end_of(stage(), !s_.plan.odd_first); }
    [[nodiscard]] bool on_stage(const Node& node) const;
    [[nodiscard]] Endpoint anywhere();

    // attacker.cpp
    struct Kept {
        Packet packet;
        Instant at{};
    };
    /// By length: to somebody without keys that is what tells messages apart.
    using Box = std::map<std::size_t, std::vector<Kept>>;
    void keep(Box& box, const Packet& packet);
    [[nodiscard]] const Kept* any_of(const Box& box, Instant before);
    void flood();
    struct Flood {
        unsigned node = 0;
        bool as_the_peer = false;
        bool aggressive = false;
        unsigned left = 0;
        Duration pause{};
    };
    void go_on(const Flood& flood);
    void forged_first(unsigned node, bool as_the_peer, bool aggressive);
    void reflect();
    void reflect_once(unsigned node, bool from_the_peer, Instant before);
    void dead_peer();
    void dead_peer_noticed(unsigned node, unsigned peer, std::uint64_t begun);
    void say_again();
    void withhold();

    // trials.cpp
    void delete_at_once();
    void keep_three(const isakmp::Header& header);
    void confirm(const isakmp::Header& header, const Packet& packet, bool sent);
    [[nodiscard]] bool forgotten(const isakmp::Header& header) const;
    void complain(Node& node, const Packet& packet);
    void lose_phase1();
    void forget_phase1(Node& node, Node& peer);
    void leave_unfinished();
    void say_initial_contact(Node& node, Node& peer);
    [[nodiscard]] bool under(const isakmp::Header& header, const Node& node, const Node& peer) const;
    [[nodiscard]] bool negotiating(const Node& node, const Node& peer) const;
    [[nodiscard]] std::uint64_t begun_with(const Node& node, const Node& peer) const;

    Simulation& s_;
    Dice dice_;
    std::map<unsigned, Box> sent_;     ///< by who has sent it
    std::map<unsigned, Box> arrived_;  ///< by who has got it
    std::size_t octets_ = 0;
    std::optional<Packet> example_;  ///< a first message of Aggressive Mode on the stage
    std::optional<Packet> withheld_;
    bool withholding_ = false;
    bool deletes_ = false;                              ///< short_lived, now
    unsigned made_ = 0;                                 ///< pairs of the stage since then, at both ends
    std::map<Bytes, std::deque<std::uint32_t>> three_;  ///< message ids by cookies, the latest first
    std::map<Bytes, std::set<std::uint32_t>> known_;
    std::set<std::uint32_t> begun_by_other_;
    std::set<Bytes> said_;                        ///< what is repeated is not encrypted again
    std::map<std::uint32_t, Bytes> unconfirmed_;  ///< message id, and the SPI that the odd end has chosen
    std::vector<isakmp::Payload> quick_;          ///< message 1 of a Quick Mode from the odd end
    Instant quick_at_{};                          ///< and when it was sent
    std::set<std::uint32_t>
        composed_;  ///< message ids of exchanges that the odd end's engine knows nothing of
};

}  // namespace causeway::sim
