// What this folder asks of libcrypto as a whole: its algorithms, fetched once and kept for the life of the
// program (a fetch costs more than the hash it is for), and its errors in words.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "crypto/algorithm.hpp"
#include "crypto/openssl/handles.hpp"

namespace causeway::crypto::openssl {

/// The algorithm, owned by the library of this folder; null when libcrypto does not have it (DES-CBC is in
/// its legacy provider, MD5 and 3DES are missing under a FIPS policy).
const EVP_MD* digest(HashId id);
EVP_CIPHER* cipher(CipherId id);
/// AES-128 in counter mode, for IVs.
EVP_CIPHER* counter_cipher();

/// "3.0.19": of the library that runs, not of the one that this was built with.
std::string_view version();

/// An HMAC context that knows its digest and has no key yet; null on failure.
MacContext make_hmac(HashId id);

/// "WHAT: libcrypto's reason"; empties libcrypto's error queue.
[[nodiscard]] tl::unexpected<Error> library_error(std::string_view what);

/// Ends the program with a line on stderr. For what cannot be reported and must not be ignored: no
/// randomness, no hash.
[[noreturn]] void library_failed(std::string_view what);

}  // namespace causeway::crypto::openssl
