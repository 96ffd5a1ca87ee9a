// Why something that a peer proposes is not accepted: what stood in the way, and what both sides said. Made
// by every acceptance of this floor, for the log of the daemon and for the checker alike; what follows from
// it is in refusal.hpp.
#pragma once

#include <optional>
#include <string>

#include "base/place.hpp"
#include "config/identity.hpp"

namespace causeway::negotiation {

enum class Obstacle {
    // Who calls, and how (peer.hpp).
    address,           ///< no peer may call from there
    mode,              ///< Main or Aggressive Mode, and the other one is configured (RFC 2409 5)
    identity,          ///< an identity that this peer does not have (RFC 2407 4.6.2)
    unknown_identity,  ///< an identity that no peer has
    // Transforms (phase1.hpp, phase2.hpp).
    nothing_offered,        ///< no proposal, or none with a transform in it
    several_answers,        ///< an answer that is not exactly one transform (RFC 2408 4.2)
    protocol,               ///< neither ISAKMP nor ESP alone (AH, IPComp bundles)
    transform_id,           ///< not KEY_IKE
    authentication_method,  ///< anything but a pre-shared key
    encryption,
    hash,
    group,
    integrity,
    pfs,
    encapsulation,
    attribute,    ///< one that is unknown, not supported, or contradicts another one
    esn,          ///< extended sequence numbers (RFC 4304)
    spi,          ///< reserved (RFC 4303 2.1), or of a wrong length
    not_offered,  ///< an answer that we never offered
    chosen,       ///< chosen before the identity was known, and not accepted of this peer
    // The networks of a Quick Mode (networks.hpp).
    networks,        ///< a pair of networks that no tunnel has
    other_networks,  ///< an answer with other networks than we proposed
};

enum class Phase { phase1, phase2 };

/// What two identities, or two pairs of networks, that are not the same have in common: a slip that people make.
enum class Likeness {
    none,
    other_kind,  ///< the same letters: a name here, an address there
    exchanged,   ///< the other side says what is ours
    address,     ///< an address where a name is expected: nothing is configured there
    mask,        ///< one network contains the other
};

struct Reason {
    Obstacle obstacle = Obstacle::nothing_offered;
    std::string offered;   ///< all that the other side offers, in strongSwan's words:
                           ///< "aes256-sha256-modp2048, ..."; or its mode, or networks
    std::string accepted;  ///< all that this side accepts
    std::string nearest;   ///< what differs in the nearest pair: "group: theirs modp2048, ours modp1024"
    std::string remedy;    ///< what to change, where only one thing stands in the way; else empty
    Phase phase = Phase::phase1;
    std::optional<config::Identity> identity{};  ///< as it came, where that is the obstacle
    Likeness likeness = Likeness::none;
    std::string subject{};     ///< whom the log names: the peer, or its tunnel; empty: nobody alone
    Place place{};             ///< where what this side accepts is configured
    unsigned differences = 0;  ///< how many things differ in the nearest pair; 0: none was compared

    /// One sentence without a full stop: for `status`, and for the checker.
    [[nodiscard]] std::string text() const;
};

}  // namespace causeway::negotiation
