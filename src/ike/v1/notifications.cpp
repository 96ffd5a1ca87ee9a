#include "ike/v1/notifications.hpp"

#include <utility>

#include "negotiation/words.hpp"

namespace causeway::ike::v1 {

std::optional<isakmp::Notification> notification_in(const isakmp::Payload& payload) {
    if (payload.type != isakmp::PayloadType::notification) {
        return std::nullopt;
    }
    auto notified = isakmp::decode_notification(payload.body);
    return notified ? std::optional(std::move(*notified)) : std::nullopt;
}

std::optional<std::uint32_t> unknown_spi(const isakmp::Notification& notified) {
    const Bytes& spi = notified.spi.size() == 4 ? notified.spi : notified.data;
    return notified.type == isakmp::NotifyType::invalid_spi && spi.size() == 4
               ? std::optional(negotiation::spi_number(spi))
               : std::nullopt;
}

}  // namespace causeway::ike::v1
