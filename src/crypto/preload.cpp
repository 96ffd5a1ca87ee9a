#include "crypto/preload.hpp"

#include "crypto/algorithm.hpp"
#include "crypto/openssl/library.hpp"
#ifdef CAUSEWAY_IPSEC_MB
#include "crypto/ipsec_mb/library.hpp"
#endif

namespace causeway::crypto {

void preload() {
    static_cast<void>(openssl::digest(HashId::sha1));  // all are fetched with the first
#ifdef CAUSEWAY_IPSEC_MB
    if (ipsec_mb::library() != nullptr) {
        ipsec_mb::forget_pages();
    }
#endif
}

}  // namespace causeway::crypto
