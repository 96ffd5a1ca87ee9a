// What follows from a Reason: the notification for the peer, the event for the log and the finding for `status`,
// derived here and nowhere else. Pure. Whether the peer is told at all is the
// exchange's business: that depends on what has been proved by then.
#pragma once

#include "base/address.hpp"
#include "base/event.hpp"
#include "base/finding.hpp"
#include "codec/isakmp/numbers.hpp"
#include "negotiation/reason.hpp"

namespace causeway::negotiation {

/// RFC 2408 3.14.1.
isakmp::NotifyType notification_for(const Reason& reason);

/// `remote` is where the message came from.
Event event_for(const Reason& reason, const Endpoint& remote);

/// Its sentence is Reason::text(), its place where what this side accepts is configured. The code is that of one
/// attribute only where nothing else stands in the way.
Finding finding_for(const Reason& reason);

}  // namespace causeway::negotiation
