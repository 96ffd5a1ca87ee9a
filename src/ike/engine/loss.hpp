// How something that was made is lost, and what to say about that.
#pragma once

#include "base/finding.hpp"
#include "base/findings.hpp"

namespace causeway::ike {

/// How something that was made is lost, and what to say when that happens at once, again and again.
struct Loss {
    Finding why;
    Finding habit;                       ///< its field `count` is filled in when it is said
    bool counts_beside_another = false;  ///< an ISAKMP SA: also when another one stands
};

/// INITIAL-CONTACT.
inline const Loss fresh_start{finding<FindingId::peer_restarted>(),
                              finding<FindingId::restarts_again>(field<"count">({})), true};

}  // namespace causeway::ike
