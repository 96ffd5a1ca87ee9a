// What the way to a peer carries, found out in the spirit of RFC 4821: R-U-THERE (RFC 3706) padded to the
// size to be tried, behind its last payload, sent with DF; the answer says that it arrived. For ways that
// swallow larger packets without a word. What is not answered is no sign of death, an answer is one of life.
#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/ports.hpp"
#include "ike/limits.hpp"
#include "ike/v1/session.hpp"

namespace causeway::ike::v1 {

namespace {

/// IP and UDP, and the marker in front of IKE on port 4500 (RFC 3948 2.2).
std::size_t around(const Endpoint& local) {
    return (local.address.is_v4() ? 20U : 40U) + 8U + (local.port == nat_t_port ? 4U : 0U);
}

}  // namespace

void Session::probe_path(sa::SaId id, std::size_t device_mtu) {
    if (!inquiry().possible() || takes_no_padding_ || device_mtu <= limits::path_sizes.back()) {
        return tell(PathFound{id, std::nullopt});
    }
    if (path_) {
        path_->waiting.push_back(id);
        return;
    }
    auto path = std::make_unique<PathProbe>();
    path->waiting.push_back(id);
    path->device = device_mtu;
    path->place = place();
    path->until = now() + limits::path_time;
    // One that is lost by chance must not decide about the first and the last.
    path->sizes.assign(2, device_mtu);
    std::ranges::copy_if(limits::path_sizes, std::back_inserter(path->sizes),
                         [&](std::size_t size) { return size < device_mtu; });
    path->sizes.push_back(limits::path_sizes.back());
    path_ = std::move(path);
    ask_about_path();
}

/// A repetition keeps the number, whatever its size; the answer is about the last one, which is the smallest.
void Session::send_path_question(std::size_t size) {
    dpd_.ask_about_path();
    const isakmp::Notification question{isakmp::doi_ipsec, isakmp::Protocol::isakmp, spis(),
                                        isakmp::NotifyType::r_u_there, dpd_.number()};
    const std::vector<isakmp::Payload> payloads{
        {isakmp::PayloadType::notification, isakmp::encode(question)}};
    const std::size_t outside = around(local());
    auto datagram = make_informational(*done()->keys, done()->last_block, spi_i(), spi_r(),
                                       message_ids_.next(), payloads, size > outside ? size - outside : 0);
    if (!datagram) {
        return;
    }
    path_->size = outside + datagram->size();
    path_->asked = true;
    transmit(std::move(*datagram), std::nullopt, size != 0);
}

/// What is to be sent next, or what it means that nothing is left.
void Session::ask_about_path() {
    auto& path = *path_;
    if (path.place != place() || !owner_.serves() || now() >= path.until) {
        path_.reset();  // TCP that begins later asks again
        return;
    }
    if (inquiry().unanswered() != 0 || (one_at_a_time() && quick_mode_under_way())) {
        path.asked = false;
        path.next = now() + limits::retransmit_first;
        return;
    }
    if (path.step != PathProbe::Step::sizes) {
        if (++path.tries > limits::path_alive_tries) {
            path_.reset();  // liveness will tell
            return;
        }
        path.first_asked = path.tries == 1 ? now() : path.first_asked;
        path.next = now() + limits::path_alive_wait;
        return send_path_question(0);
    }
    if (path.at == path.sizes.size()) {
        path.step = PathProbe::Step::still_alive;
        path.tries = 0;
        return ask_about_path();
    }
    path.next = now() + std::max<Duration>(path.at == 1 ? limits::path_second_wait : limits::path_wait,
                                           3 * path.round_trip);
    send_path_question(path.sizes[path.at++]);
}

/// The last question was answered.
void Session::path_answered() {
    auto& path = *path_;
    if (!std::exchange(path.asked, false)) {
        return;
    }
    if (path.step == PathProbe::Step::alive) {
        path.round_trip = std::min<Duration>(now() - path.first_asked, limits::path_alive_wait);
        path.step = PathProbe::Step::sizes;
        return ask_about_path();
    }
    std::optional<std::size_t> octets;
    if (path.step == PathProbe::Step::sizes) {
        // Whole blocks do not make every size.
        const bool whole = path.sizes[path.at - 1] == path.device && path.device - path.size < 8;
        octets = whole ? path.device : path.size;
        tell(session::PathProven{*octets, path.device, whole});
    } else {
        takes_no_padding_ = true;
        tell(session::PathUnknown{path.device});
    }
    const auto answered = std::move(path_);
    for (const auto id : answered->waiting) {
        tell(PathFound{id, octets});
    }
}

}  // namespace causeway::ike::v1
