// Diffie-Hellman. Slow on a router, therefore called from a job and never inside an exchange's arrow.
// modp groups with explicit p and g (modp1024 is no named group in OpenSSL 3); values keep their left padding
// (RFC 2409 5: g^xy has the length of the prime); ECP: KE is x|y, g^xy is x only (RFC 5903 7); x25519:
// RFC 8031 3.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/algorithm.hpp"

namespace causeway::crypto {

/// One side's key pair, for one exchange. Interface, so that a simulation can use a toy.
class DhKey {
 public:
    DhKey() = default;
    DhKey(const DhKey&) = delete;
    DhKey& operator=(const DhKey&) = delete;
    virtual ~DhKey() = default;

    [[nodiscard]] virtual GroupId group() const = 0;
    /// The KE payload body, exactly info(group()).public_octets long.
    [[nodiscard]] virtual ByteView public_value() const = 0;
    /// g^xy, exactly info(group()).secret_octets long. Refuses what judge_public_value() refuses, and an
    /// all-zero x25519 result.
    [[nodiscard]] virtual Result<Secret> agree(ByteView peer_public) const = 0;
};

/// Whether a peer's public value may be used at all (RFC 2412 5): its length, for modp 2 to p-2, for ECP a
/// point of the curve (RFC 5903 9), for x25519 no point of small order (RFC 7748 6.1: these are all there
/// are). Costs microseconds: asked before anything is computed with a value that anybody may have sent.
Result<void> judge_public_value(GroupId group, ByteView peer_public);

/// A fresh key pair from the operating system's randomness. Unsupported groups are an error.
Result<std::unique_ptr<DhKey>> generate_dh_key(GroupId group);

/// A key pair with a known private value (big-endian for modp and ECP, little-endian 32 octets for x25519):
/// for vectors.
Result<std::unique_ptr<DhKey>> dh_key_from_private(GroupId group, ByteView private_value);

}  // namespace causeway::crypto
