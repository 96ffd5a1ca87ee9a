#include "crypto/esp_cipher.hpp"

#include <fmt/format.h>
#include <memory>

#include "crypto/openssl/esp_suites.hpp"

namespace causeway::crypto {

Result<std::unique_ptr<EspCipher>> make_esp_cipher(CipherId cipher, IntegrityId integrity,
                                                   ByteView encryption_key, ByteView integrity_key,
                                                   EspUse use) {
    const CipherInfo& c = info(cipher);
    const IntegrityInfo& i = info(integrity);
    const std::size_t key_octets = std::size_t{c.key_octets} + c.salt_octets;
    if (encryption_key.size() != key_octets) {
        return fail(Errc::malformed, fmt::format("{} takes {} octets of key material, not {}", c.name,
                                                 key_octets, encryption_key.size()));
    }
    if (integrity_key.size() != i.key_octets) {
        return fail(Errc::malformed, fmt::format("{} takes a key of {} octets, not {}", i.name, i.key_octets,
                                                 integrity_key.size()));
    }
    if (c.is_aead()) {
        if (integrity != IntegrityId::none) {
            return fail(Errc::unacceptable,
                        fmt::format("{} brings its own integrity; {} does not go with it", c.name, i.name));
        }
        return openssl::make_esp_gcm(cipher, encryption_key.first(c.key_octets),
                                     encryption_key.subspan(c.key_octets), use);
    }
    if (integrity == IntegrityId::none) {
        return fail(Errc::unacceptable, fmt::format("{} without integrity protects nothing", c.name));
    }
    return openssl::make_esp_cbc_hmac(cipher, integrity, encryption_key, integrity_key, use);
}

}  // namespace causeway::crypto
