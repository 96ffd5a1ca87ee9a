// Who calls, and how it may: the address, the mode (RFC 2409 5), the identity (RFC 2407 4.6.2). Pure; used by
// the daemon in both roles and by the checker. Never derives a key: that the caller has one is proved in the
// exchange, and told here.
#pragma once

#include <tl/expected.hpp>

#include "base/address.hpp"
#include "config/model.hpp"
#include "negotiation/candidates.hpp"
#include "negotiation/reason.hpp"

namespace causeway::negotiation {

/// The identity we present: the configured one, else the address we send from.
config::Identity own_identity(const config::Peer& peer, const IpAddress& local);

/// The peer is configured for this mode, or may use either.
bool answers(const config::Peer& peer, config::ExchangeMode mode);

/// A first message: may anybody have sent it from there?
tl::expected<void, Reason> check_address(const Candidates& candidates, config::ExchangeMode mode);

/// A first message without an identity, of Main Mode: may anybody who may have sent it use this mode? Not for
/// empty candidates, here and below.
tl::expected<void, Reason> check_mode(const Candidates& candidates, config::ExchangeMode mode);

/// The identity of a peer that is known already: the configured one, else its address as the message came
/// from it. Any, where the configuration says so.
tl::expected<void, Reason> check_identity(const config::Peer& peer, const config::Identity& received,
                                          const IpAddress& remote);

/// What is known of a caller once its identity is.
struct Caller {
    const config::Identity& identity;
    IpAddress remote;
    config::ExchangeMode mode = config::ExchangeMode::main;
    /// Main Mode: one of those whose pre-shared key the caller has proved to have (RFC 2409 5.4). Null:
    /// nothing is proved yet.
    const config::Peer* key_owner = nullptr;
};

/// Whom the identity names among the candidates who have that key: one that may use the mode before others.
/// Named, but not for this mode: refused for that.
tl::expected<const config::Peer*, Reason> choose_peer(const Candidates& candidates, const Caller& caller);

}  // namespace causeway::negotiation
