// Hashes and the HMAC PRF (RFC 2104; RFC 2409 4: the prf is the HMAC of the negotiated hash).
#pragma once

#include <initializer_list>

#include "base/secret.hpp"
#include "crypto/algorithm.hpp"

namespace causeway::crypto {

/// Digest over the concatenation of the parts.
Bytes hash(HashId id, std::initializer_list<ByteView> parts);

/// prf(key, part | part | ...). For values that travel (HASH_I, HASH(1), NAT-D is a plain hash).
Bytes prf(HashId id, ByteView key, std::initializer_list<ByteView> parts);
/// The same for values that are secret themselves (SKEYID and its children, KEYMAT).
Secret prf_secret(HashId id, ByteView key, std::initializer_list<ByteView> parts);

}  // namespace causeway::crypto
