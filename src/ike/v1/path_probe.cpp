#include "ike/v1/path_probe.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ike/limits.hpp"

namespace causeway::ike::v1 {

using path_probe::Next;

namespace {

/// Padding makes whole blocks only, of eight octets or more: a size that is short by less is met.
constexpr std::size_t smallest_block = 8;

}  // namespace

PathProbe::PathProbe(sa::SaId id, std::size_t device, const Place& place, Instant now)
    : waiting_{id}, device_(device), place_(place), next_(now), until_(now + limits::path_time) {
    // One that is lost by chance must not decide about the first and the last.
    sizes_.assign(2, device);
    std::ranges::copy_if(limits::path_sizes, std::back_inserter(sizes_),
                         [&](std::size_t size) { return size < device; });
    sizes_.push_back(limits::path_sizes.back());
}

bool PathProbe::is_vain(std::size_t device) {
    return device <= limits::path_sizes.back();
}

Next PathProbe::handle_timeout(const Circumstances& here, Instant now) {
    if (place_ != here.place || !here.serves || now >= until_) {
        return path_probe::GivenUp{};  // TCP that begins later asks again
    }
    if (here.busy) {
        asked_ = false;
        next_ = now + limits::retransmit_first;
        return path_probe::Wait{};
    }
    if (step_ == Step::sizes && at_ == sizes_.size()) {
        step_ = Step::still_alive;
        tries_ = 0;
    }
    if (step_ != Step::sizes) {
        return ask_unpadded(now);
    }
    next_ =
        now + std::max<Duration>(at_ == 1 ? limits::path_second_wait : limits::path_wait, 3 * round_trip_);
    return path_probe::Ask{sizes_[at_++]};
}

Next PathProbe::ask_unpadded(Instant now) {
    if (++tries_ > limits::path_alive_tries) {
        return path_probe::GivenUp{};  // liveness will tell
    }
    first_asked_ = tries_ == 1 ? now : first_asked_;
    next_ = now + limits::path_alive_wait;
    return path_probe::Ask{};
}

void PathProbe::sent(std::size_t octets) {
    size_ = octets;
    asked_ = true;
}

Next PathProbe::answered(const Circumstances& here, Instant now) {
    if (!std::exchange(asked_, false)) {
        return path_probe::Wait{};
    }
    if (step_ == Step::alive) {
        round_trip_ = std::min<Duration>(now - first_asked_, limits::path_alive_wait);
        step_ = Step::sizes;
        return handle_timeout(here, now);
    }
    if (step_ == Step::still_alive) {
        return path_probe::TakesNoPadding{};
    }
    const bool whole = sizes_[at_ - 1] == device_ && device_ - size_ < smallest_block;
    return path_probe::Carries{whole ? device_ : size_, whole};
}

}  // namespace causeway::ike::v1
