#include "negotiation/lifetime.hpp"

namespace causeway::negotiation {

AgreedLifetime agree_lifetime(const config::Lifetime& ours, const config::Lifetime& theirs) {
    AgreedLifetime agreed{ours, false};
    if (theirs.seconds < ours.seconds) {
        agreed.lifetime.seconds = theirs.seconds;
        agreed.adopted = true;
    }
    if (theirs.kilobytes != 0 && (ours.kilobytes == 0 || theirs.kilobytes < ours.kilobytes)) {
        agreed.lifetime.kilobytes = theirs.kilobytes;
    }
    return agreed;
}

std::optional<config::Lifetime> lifetime_to_announce(const config::Lifetime& ours,
                                                     const config::Lifetime& offered) {
    return ours.seconds < offered.seconds ? std::optional(ours) : std::nullopt;
}

bool shortens(const config::Lifetime& theirs, Duration agreed) {
    return std::chrono::seconds(theirs.seconds) < agreed;
}

}  // namespace causeway::negotiation
