#include "crypto/esp_cipher.hpp"

#include <array>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <utility>

#include "crypto/openssl/esp_suites.hpp"
#include "crypto/openssl/library.hpp"
#ifdef CAUSEWAY_IPSEC_MB
#include "crypto/ipsec_mb/suites.hpp"
#endif

namespace causeway::crypto {
namespace {

/// What an EspCipher is asked for, the keys apart.
struct Wanted {
    CipherId cipher;
    IntegrityId integrity;
    ByteView key;
    ByteView salt;
    ByteView integrity_key;
    EspUse use;
    EspEngine engine;
};
using Made = Result<std::unique_ptr<EspCipher>>;

Made by_openssl(const Wanted& wanted) {
    return info(wanted.cipher).is_aead()
               ? openssl::make_esp_gcm(wanted.cipher, wanted.key, wanted.salt, wanted.use)
               : openssl::make_esp_cbc_hmac(wanted.cipher, wanted.integrity, wanted.key, wanted.integrity_key,
                                            wanted.use);
}

#ifdef CAUSEWAY_IPSEC_MB
constexpr std::array engines{EspEngine::openssl, EspEngine::ipsec_mb};

bool carried_by_ipsec_mb(CipherId cipher, IntegrityId integrity) {
    switch (cipher) {
        case CipherId::aes_cbc_128:
        case CipherId::aes_cbc_192:
        case CipherId::aes_cbc_256:
            return integrity != IntegrityId::hmac_md5_96;
        case CipherId::aes_gcm16_128:
        case CipherId::aes_gcm16_192:
        case CipherId::aes_gcm16_256:
            return true;
        default:
            return false;
    }
}

/// Puts Intel's library before OpenSSL's cipher, where it has the suite and is wanted.
Made before_openssl(const Wanted& wanted, Made behind) {
    if (!behind || wanted.engine == EspEngine::openssl ||
        !carried_by_ipsec_mb(wanted.cipher, wanted.integrity)) {
        return behind;
    }
    const bool passed_by = wanted.engine == EspEngine::ipsec_mb;
    ipsec_mb::Behind cipher{std::move(*behind), passed_by};
    if (passed_by && ipsec_mb::lanes_for(cipher, 1) == nullptr) {
        return fail(Errc::unsupported, ipsec_mb::facts());
    }
    return info(wanted.cipher).is_aead()
               ? ipsec_mb::make_esp_gcm(wanted.cipher, wanted.key, wanted.salt, wanted.use, std::move(cipher))
               : ipsec_mb::make_esp_cbc_hmac(wanted.cipher, wanted.integrity, wanted.key,
                                             wanted.integrity_key, wanted.use, std::move(cipher));
}
#else
constexpr std::array engines{EspEngine::openssl};

Made before_openssl(const Wanted& wanted, Made behind) {
    if (wanted.engine == EspEngine::ipsec_mb) {
        return fail(Errc::unsupported, "this program was built without ipsec-mb");
    }
    return behind;
}
#endif

}  // namespace

Result<std::unique_ptr<EspCipher>> make_esp_cipher(CipherId cipher, IntegrityId integrity,
                                                   ByteView encryption_key, ByteView integrity_key,
                                                   EspUse use, EspEngine engine) {
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
    if (c.is_aead() && integrity != IntegrityId::none) {
        return fail(Errc::unacceptable,
                    fmt::format("{} brings its own integrity; {} does not go with it", c.name, i.name));
    }
    if (!c.is_aead() && integrity == IntegrityId::none) {
        return fail(Errc::unacceptable, fmt::format("{} without integrity protects nothing", c.name));
    }
    const Wanted wanted{cipher,
                        integrity,
                        encryption_key.first(c.key_octets),
                        encryption_key.subspan(c.key_octets),
                        integrity_key,
                        use,
                        engine};
    return before_openssl(wanted, by_openssl(wanted));
}

std::span<const EspEngine> esp_engines() {
    return engines;
}

EspEngineFacts esp_engine_facts() {
    EspEngineFacts facts{fmt::format("OpenSSL {}", openssl::version()), {}};
#ifdef CAUSEWAY_IPSEC_MB
    facts.multi_buffer = ipsec_mb::facts();
#endif
    return facts;
}

}  // namespace causeway::crypto
