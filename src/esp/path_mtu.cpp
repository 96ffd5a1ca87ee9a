#include "esp/path_mtu.hpp"

#include <algorithm>

namespace causeway::esp {

void PathMtu::set_device(std::size_t octets) {
    if (answered_ && octets > asked_for_) {
        forget();
    }
    device_ = octets;
}

void PathMtu::forget() {
    found_.reset();
    asked_.reset();
    answered_.reset();
}

void PathMtu::set_found(std::optional<std::size_t> octets, Instant now) {
    found_ = octets;
    asked_.reset();
    answered_ = now;
    asked_for_ = device_;
}

bool PathMtu::ask(Instant now) {
    const bool due = !answered_ || now - *answered_ >= again_after;
    if (device_ <= safe_outer_mtu || !due || (asked_ && now - *asked_ < unheard_after)) {
        return false;
    }
    asked_ = now;
    return true;
}

std::size_t PathMtu::octets() const {
    return found_ ? std::min(*found_, device_) : device_;
}

std::size_t PathMtu::octets_of_tcp() const {
    return needs_proof() ? safe_outer_mtu : octets();
}

}  // namespace causeway::esp
