#include "ike/engine/sa_life.hpp"

#include <algorithm>

#include "ike/limits.hpp"

namespace causeway::ike {

void SaLife::set(Instant expires, std::optional<Instant> renewal) {
    expires_ = expires;
    renewal_ = renewal;
}

bool SaLife::move_renewal(Instant at) {
    if (renewal_) {
        renewal_ = at;
    }
    return renewal_.has_value();
}

void SaLife::renew_halfway(Instant now) {
    if (const Duration left = expires_ - now; left > limits::renewal_too_late) {
        renewal_ = now + left / 2;
    }
}

void SaLife::wear_out(Instant now) {
    if (!established_ || is_replaced()) {
        return;
    }
    worn_out_ = true;
    const Instant due = std::max(now, *established_ + limits::renewal_interval);
    renewal_ = std::min(renewal_.value_or(due), due);
}

void SaLife::replaced(Instant deletion) {
    renewal_.reset();
    deletion_ = deletion;
}

void SaLife::serve_again(std::optional<Instant> renewal) {
    deletion_.reset();
    if (renewal) {
        renewal_ = renewal;
    }
}

}  // namespace causeway::ike
