// The two kinds of ESP ciphers behind crypto/esp_cipher.hpp. Key sizes are checked by the caller.
#pragma once

#include <memory>

#include "crypto/esp_cipher.hpp"
#include "crypto/openssl/handles.hpp"

namespace causeway::crypto::openssl {

using MadeCipher = Result<std::unique_ptr<EspCipher>>;

MadeCipher make_esp_gcm(CipherId cipher, ByteView key, ByteView salt, EspUse use);
MadeCipher make_esp_cbc_hmac(CipherId cipher, IntegrityId integrity, ByteView encryption_key,
                             ByteView integrity_key, EspUse use);

/// Of the contexts for both directions, those that the use asks for stand.
inline bool complete(const CipherContext& encryptor, const CipherContext& decryptor, EspUse use) {
    return (encryptor || use == EspUse::open) && (decryptor || use == EspUse::seal);
}

/// SPI and sequence number: what stands in front of the IV (RFC 4303 2).
inline constexpr std::size_t esp_header_octets = 8;

}  // namespace causeway::crypto::openssl
