// The networks of a Quick Mode: ID payloads as traffic selectors (RFC 2407 4.6.2), and the tunnel that a pair
// of them names (RFC 2409 5.5). Pure; used by the daemon in both roles and by the checker.
#pragma once

#include <optional>

#include <tl/expected.hpp>

#include "base/address.hpp"
#include "base/result.hpp"
#include "codec/isakmp/payloads.hpp"
#include "config/model.hpp"
#include "negotiation/reason.hpp"

namespace causeway::negotiation {

/// The network an ID payload names (RFC 2407 4.6.2); nothing when it is none, or its mask has holes.
std::optional<TrafficSelector> selector_of(const isakmp::Identification& id);
/// ID_IPV4_ADDR_SUBNET with a mask, as the box and strongSwan expect it; /32 too.
isakmp::Identification id_of(const TrafficSelector& selector);

/// What a Quick Mode is for on one side: the body of its ID payload, which is empty where there is none. Then
/// the tunnel is between the two hosts themselves (RFC 2409 5.5).
Result<TrafficSelector> selector_or_host(ByteView id_body, const IpAddress& host);

/// Responder: the tunnel that has exactly these networks. RFC 2409 5.5: IDci is the initiator's network, that
/// is `remote`; IDcr is `local`.
tl::expected<const config::Tunnel*, Reason> choose_tunnel(const config::Peer& peer,
                                                          const Result<TrafficSelector>& local,
                                                          const Result<TrafficSelector>& remote);

/// Initiator: the answer has the networks that were proposed.
tl::expected<void, Reason> check_networks(const config::Tunnel& tunnel, const TrafficSelector& local,
                                          const TrafficSelector& remote);

}  // namespace causeway::negotiation
