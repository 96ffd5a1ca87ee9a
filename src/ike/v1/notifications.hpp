// Notifications (RFC 2408 3.14) as the exchanges look for them among payloads.
#pragma once

#include <cstdint>
#include <optional>

#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"

namespace causeway::ike::v1 {

/// Nothing: it is another payload, or cannot be read.
std::optional<isakmp::Notification> notification_in(const isakmp::Payload& payload);

/// INVALID-SPI: the SPI that the sender does not know.
std::optional<std::uint32_t> unknown_spi(const isakmp::Notification& notified);

}  // namespace causeway::ike::v1
