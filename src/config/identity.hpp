// Phase 1 identities (RFC 2407 4.6.2.1) and how people write them.
#pragma once

#include <compare>
#include <string>

#include "base/address.hpp"
#include "base/result.hpp"
#include "codec/isakmp/payloads.hpp"

namespace causeway::config {

struct Identity {
    isakmp::IdType type = isakmp::IdType::fqdn;
    Bytes data;            ///< the octets behind protocol and port in the ID payload
    bool pattern = false;  ///< "*.example.org" of a configuration, which admits every name that ends so

    static Identity of_address(const IpAddress& address);
    static Identity fqdn(std::string_view name);
    static Identity user_fqdn(std::string_view name);
    static Identity key_id(ByteView octets);

    /// One identity as people write it (config/identity_text.hpp); "any" and patterns are errors.
    static Result<Identity> parse(std::string_view text);
    static Identity from_payload(const isakmp::Identification& payload);
    /// Protocol and port 0 (RFC 2407 4.6.2: 0/0 or 17/500).
    [[nodiscard]] isakmp::Identification payload() const;

    /// As status shows it: "remotesite.dyndns.org", "192.0.2.1", "keyid:6f66". Safe for a terminal.
    [[nodiscard]] std::string text() const;
    /// With its type, for messages about mismatches: "FQDN remotesite.dyndns.org".
    [[nodiscard]] std::string text_with_type() const;

    /// The same peer: names are compared as the DNS does (RFC 4343: ASCII letters of either case are the
    /// same; RFC 1034 3.1: a dot at the end says only that the name is complete), and so are mailboxes, their
    /// part before the "@" too, as strongSwan and libreswan do. Everything else octet by octet.
    [[nodiscard]] bool same_as(const Identity& other) const;
    /// What a peer sent is what was configured: the same, or of the kind and end that the pattern asks for.
    [[nodiscard]] bool admits(const Identity& received) const;
    /// Octet by octet.
    friend bool operator==(const Identity&, const Identity&) = default;
};

}  // namespace causeway::config
