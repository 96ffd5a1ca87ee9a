// Why no transform could be chosen: which attribute stood in the way of the nearest pair, and what both sides
// said. Made by choose_phase1 and choose_phase2, for the log of the daemon and for the checker alike.
#pragma once

#include <string>

namespace causeway::negotiation {

enum class Obstacle {
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
};

struct Reason {
    Obstacle obstacle = Obstacle::nothing_offered;
    std::string
        offered;  ///< all that the other side offers, in strongSwan's words: "aes256-sha256-modp2048, ..."
    std::string accepted;  ///< all that this side accepts
    std::string nearest;   ///< what differs in the nearest pair: "group: theirs modp2048, ours modp1024"
    std::string remedy;    ///< what to change, where only one thing stands in the way; else empty

    /// One sentence without a full stop.
    [[nodiscard]] std::string text() const;
};

}  // namespace causeway::negotiation
