// What two ends agree on when one of them calls the other: asked of the code that negotiates, so that check and daemon
// never disagree. Pure. Points into the models, which must outlive it.
#pragma once

#include <optional>
#include <vector>

#include "base/address.hpp"
#include "check/kind.hpp"
#include "config/model.hpp"
#include "negotiation/phase1.hpp"
#include "negotiation/phase2.hpp"
#include "negotiation/reason.hpp"

namespace causeway::check {

/// One end: who reads the file, its entry for the other end, and the address that it is seen under.
struct End {
    const Manner* manner = nullptr;
    const config::Peer* peer = nullptr;
    IpAddress address{};
};

/// Addresses as far as the files have them. One that they do not have is what the other end expects, or one that nobody
/// else has: a name stands for some address.
struct Ends {
    End ours;
    End theirs;
};
Ends ends_of(const config::Model& our_model, const config::Peer& ours, const config::Model& their_model,
             const config::Peer& theirs);

/// Each obstacle by itself, whatever the others are: files tell two faults at once.
struct Phase1Outcome {
    std::optional<negotiation::Reason> mode;   ///< the responder does not answer it
    std::optional<negotiation::Reason> suite;  ///< nothing of the offer is accepted
    bool keys_differ = false;
    bool no_key = false;  ///< the responder does not find its own in time (config::Peer::no_key_when_called)
    std::optional<negotiation::Reason> initiator_id;  ///< refused by the responder
    std::optional<negotiation::Reason> responder_id;  ///< refused by the initiator
    std::optional<negotiation::Phase1Choice> choice;
    config::Lifetime lifetime{};  ///< the shorter one

    [[nodiscard]] bool up() const {
        return choice && !mode && !keys_differ && !no_key && !initiator_id && !responder_id;
    }
};

/// One Quick Mode: a tunnel of the initiator's.
struct Phase2Outcome {
    const config::Tunnel* initiator = nullptr;
    /// Its counterpart: the one with these networks, or the only one there is. Null: none.
    const config::Tunnel* responder = nullptr;
    std::optional<negotiation::Reason> networks;
    std::optional<negotiation::Reason> suite;
    std::optional<negotiation::Phase2Choice> choice;
    config::Lifetime lifetime{};

    [[nodiscard]] bool up() const { return choice && !networks; }
};

struct Direction {
    bool dials = false;  ///< there is an address to call, and something that makes it call
    Phase1Outcome phase1;
    std::vector<Phase2Outcome> phase2;  ///< for each tunnel of the initiator's
};

/// Fixed addresses on both sides that are not the same: neither reaches or recognises the other. A private one is behind
/// a NAT and says nothing.
bool calls_another_address(const config::Peer& caller, const config::Peer& called);
/// The peer has an address that can be called.
bool can_dial(const config::Peer& peer);
/// Something makes this tunnel be called for without anybody's doing.
bool dials(const config::Peer& peer, const config::Tunnel& tunnel);

Direction predict(const End& initiator, const End& responder);

}  // namespace causeway::check
