// How ESP is to travel: which form of NAT traversal both sides know (RFC 3947 3.1), and whether a Quick Mode
// asks for plain tunnel mode or for UDP (RFC 3947 5.1, RFC 2407 4.5). Pure. Transport mode is never accepted.
#pragma once

#include <span>

#include "codec/isakmp/numbers.hpp"
#include "codec/isakmp/vendor.hpp"

namespace causeway::negotiation {

/// Which form of NAT traversal both sides know (RFC 3947; the drafts differ in numbers only).
enum class NatVariant { none, rfc3947, draft_03, draft_02 };

/// Of the forms that a peer's Vendor IDs announce: the RFC before the drafts, the younger draft before the
/// older one. None for a peer that we allow no NAT traversal.
NatVariant choose_nat_variant(std::span<const isakmp::Vendor> announced, bool allowed);

/// What Phase 1 has found out about NAT (RFC 3947 3.2).
struct NatFound {
    NatVariant variant = NatVariant::none;
    bool told = false;  ///< the peer has said what it sees
    bool any = false;   ///< there is one, at either end
};

/// The encapsulation of the Quick Modes under an ISAKMP SA.
struct Encapsulation {
    isakmp::EncapsulationMode mode = isakmp::EncapsulationMode::tunnel;  ///< offered, and accepted first
    bool open = false;  ///< Phase 1 has left open whether there is a NAT: the initiator's mode is taken
};

/// RFC 3947 5.1: UDP if there is a NAT. Where the peer has not said so and we allow it, tunnel mode of either
/// kind fits.
Encapsulation encapsulation_after(const NatFound& nat, bool nat_traversal_allowed);

}  // namespace causeway::negotiation
