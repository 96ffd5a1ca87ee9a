// The questions by which it is found out what the way to a peer carries (path_probe.hpp): R-U-THERE (RFC 3706) padded
// behind its last payload, sent with DF; the answer says that it arrived. What is not answered is no sign of death, an
// answer is one of life.
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/ports.hpp"
#include "ike/v1/session.hpp"

namespace causeway::ike::v1 {

namespace {

/// IP and UDP, and the marker in front of IKE on port 4500 (RFC 3948 2.2).
std::size_t around(const Endpoint& local) {
    return (local.address.is_v4() ? 20U : 40U) + 8U + (local.port == nat_t_port ? 4U : 0U);
}

}  // namespace

void Session::probe_path(sa::SaId id, std::size_t device_mtu) {
    if (!inquiry().possible() || takes_no_padding_ || PathProbe::is_vain(device_mtu)) {
        return tell(PathFound{id, std::nullopt});
    }
    if (path_) {
        path_->join(id);
        return;
    }
    path_ = std::make_unique<PathProbe>(id, device_mtu, place(), now());
    timeout_path();
}

PathProbe::Circumstances Session::path_circumstances() const {
    const bool busy = inquiry().unanswered() != 0 || (one_at_a_time() && exchanges_.under_way(now()));
    return {place(), owner_.serves(), busy};
}

void Session::timeout_path() {
    if (path_ && path_->next_timeout() <= now()) {
        go_on_with_path(path_->handle_timeout(path_circumstances(), now()));
    }
}

void Session::path_answered() {
    if (path_) {
        go_on_with_path(path_->answered(path_circumstances(), now()));
    }
}

void Session::go_on_with_path(const path_probe::Next& next) {
    std::visit([this](const auto& one) { perform(one); }, next);
}

void Session::perform(const path_probe::GivenUp&) {
    path_.reset();
}

void Session::perform(const path_probe::Carries& carries) {
    tell(session::PathProven{carries.octets, path_->device(), carries.whole});
    path_found(carries.octets);
}

void Session::perform(const path_probe::TakesNoPadding&) {
    takes_no_padding_ = true;
    tell(session::PathUnknown{path_->device()});
    path_found(std::nullopt);
}

void Session::path_found(std::optional<std::size_t> octets) {
    const auto probe = std::move(path_);
    for (const auto id : probe->waiting()) {
        tell(PathFound{id, octets});
    }
}

/// A repetition keeps the number, whatever its size; the answer is about the last one, which is the smallest.
void Session::perform(const path_probe::Ask& ask) {
    dpd_.ask_about_path();
    const isakmp::Notification question{isakmp::doi_ipsec, isakmp::Protocol::isakmp, spis(),
                                        isakmp::NotifyType::r_u_there, dpd_.number()};
    const std::vector<isakmp::Payload> payloads{
        {isakmp::PayloadType::notification, isakmp::encode(question)}};
    const std::size_t outside = around(local());
    auto datagram = make_informational(*done()->keys, done()->last_block, spi_i(), spi_r(),
                                       message_ids_.next(), payloads, ask.octets.value_or(outside) - outside);
    if (!datagram) {
        return;
    }
    path_->sent(outside + datagram->size());
    transmit(std::move(*datagram), std::nullopt, ask.octets.has_value());
}

}  // namespace causeway::ike::v1
