#include "negotiation/encapsulation.hpp"

namespace causeway::negotiation {
namespace {

NatVariant variant_of(isakmp::Vendor vendor) {
    switch (vendor) {
        case isakmp::Vendor::nat_t_rfc3947:
            return NatVariant::rfc3947;
        case isakmp::Vendor::nat_t_draft_03:
            return NatVariant::draft_03;
        case isakmp::Vendor::nat_t_draft_02:
        case isakmp::Vendor::nat_t_draft_02_n:
            return NatVariant::draft_02;
        default:
            return NatVariant::none;
    }
}

}  // namespace

NatVariant choose_nat_variant(std::span<const isakmp::Vendor> announced, bool allowed) {
    NatVariant best = NatVariant::none;
    for (const auto vendor : announced) {
        const auto variant = variant_of(vendor);
        if (allowed && variant != NatVariant::none && (best == NatVariant::none || variant < best)) {
            best = variant;
        }
    }
    return best;
}

Encapsulation encapsulation_after(const NatFound& nat, bool nat_traversal_allowed) {
    using Mode = isakmp::EncapsulationMode;
    Encapsulation after;
    if (nat.any) {
        // The drafts use private numbers.
        after.mode = nat.variant == NatVariant::rfc3947 ? Mode::udp_tunnel : Mode::udp_tunnel_draft;
    }
    after.open = !nat.told && nat_traversal_allowed;
    return after;
}

}  // namespace causeway::negotiation
