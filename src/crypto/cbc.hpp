// CBC encryption of ISAKMP messages (RFC 2409 App. B). No padding is added or removed: lengths are whole
// blocks.
#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/algorithm.hpp"

namespace causeway::crypto {

/// Fails when the length is not a multiple of the block, or key or IV have the wrong size.
Result<Bytes> cbc_encrypt(CipherId cipher, ByteView key, ByteView iv, ByteView plaintext);
Result<Bytes> cbc_decrypt(CipherId cipher, ByteView key, ByteView iv, ByteView ciphertext);

}  // namespace causeway::crypto
