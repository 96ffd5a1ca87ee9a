// What follows from a Reason: the notification for the peer and the event for the log, derived here and
// nowhere else; the sentence for `status` is Reason::text(). Pure. Whether the peer is told at all is the
// exchange's business: that depends on what has been proved by then.
#pragma once

#include "base/address.hpp"
#include "base/event.hpp"
#include "codec/isakmp/numbers.hpp"
#include "negotiation/reason.hpp"

namespace causeway::negotiation {

/// RFC 2408 3.14.1.
isakmp::NotifyType notification_for(const Reason& reason);

/// `remote` is where the message came from.
Event event_for(const Reason& reason, const Endpoint& remote);

}  // namespace causeway::negotiation
