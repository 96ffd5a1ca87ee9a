#include "ike/v1/dpd.hpp"

#include <optional>
#include <utility>

#include "ike/limits.hpp"
#include "ike/v1/notifications.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike::v1 {

using isakmp::NotifyType;

void Dpd::ask(Instant now) {
    asked_once_.reset();
    if (!std::exchange(number_open_, false)) {
        ++sequence_;
        asked_once_ = now;
    }
    awaited_ = true;
}

void Dpd::ask_about_path() {
    asked_once_.reset();
    if (!std::exchange(number_open_, true)) {
        ++sequence_;
    }
    awaited_ = true;
}

Bytes Dpd::number() const {
    return negotiation::spi_octets(sequence_);
}

bool Dpd::take_answer(const Bytes& data) {
    if (data != number()) {
        return false;
    }
    awaited_ = false;
    number_open_ = false;
    elsewhere_.reset();
    return true;
}

std::optional<Duration> Dpd::round_trip(Instant now) {
    const auto asked = std::exchange(asked_once_, std::nullopt);
    return asked ? std::optional(now - *asked) : std::nullopt;
}

bool Dpd::ask_also(const Place& there, Instant now) {
    if (asked_elsewhere_ && *asked_elsewhere_ + limits::ask_elsewhere > now) {
        return false;
    }
    asked_elsewhere_ = now;
    elsewhere_ = there;
    return true;
}

void Dpd::asked_by_peer(const Bytes& data) {
    if (data.size() != 4) {
        return;
    }
    const std::uint32_t number = negotiation::spi_number(data);
    if (newness_of_question(number) == Newness::proved) {
        highest_of_peer_ = number;
    }
}

const Bytes* Dpd::answer_to(const Bytes& request_digest) const {
    return answer_ && answer_->is_to(request_digest) ? &answer_->reply() : nullptr;
}

Dpd::Newness Dpd::newness(const std::vector<isakmp::Payload>& payloads) const {
    for (const auto& payload : payloads) {
        const auto notified = notification_in(payload);
        if (!notified || notified->data.size() != 4) {
            continue;
        }
        const std::uint32_t number = negotiation::spi_number(notified->data);
        if (notified->type == NotifyType::r_u_there) {
            return newness_of_question(number);
        }
        if (notified->type == NotifyType::r_u_there_ack) {
            return newness_of_answer(number);
        }
    }
    return Newness::unknown;
}

Dpd::Newness Dpd::newness_of_question(std::uint32_t number) const {
    const auto ahead = static_cast<std::int32_t>(number - highest_of_peer_.value_or(number - 1));
    return ahead > 0 ? Newness::proved : ahead < 0 ? Newness::old : Newness::unknown;
}

Dpd::Newness Dpd::newness_of_answer(std::uint32_t number) const {
    return number != sequence_ ? Newness::old : awaited_ ? Newness::proved : Newness::unknown;
}

}  // namespace causeway::ike::v1
