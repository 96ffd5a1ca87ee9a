#include "ike/v1/deferred.hpp"

#include <utility>

#include "ike/limits.hpp"

namespace causeway::ike::v1 {

std::optional<Deferred::Payloads> Deferred::begin(Payloads payloads, Line line, Instant now) {
    if (line == Line::free && waiting_.empty()) {
        return payloads;
    }
    auto first = waiting_.size() >= limits::deferred_per_sa ? take_next(now) : std::nullopt;
    waiting_.push_back(std::move(payloads));
    next_ = now + limits::deferred_pause;
    return first;
}

std::optional<Deferred::Payloads> Deferred::take_next(Instant now) {
    next_.reset();
    if (waiting_.empty()) {
        return std::nullopt;
    }
    auto first = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    if (!waiting_.empty()) {
        next_ = now + limits::deferred_pause;
    }
    return first;
}

std::optional<Deferred::Payloads> Deferred::handle_timeout(Line line, Instant now) {
    if (!next_ || *next_ > now) {
        return std::nullopt;
    }
    if (line == Line::busy) {
        next_ = now + limits::retransmit_first;  // the end of the Quick Mode will send one sooner
        return std::nullopt;
    }
    return take_next(now);
}

}  // namespace causeway::ike::v1
