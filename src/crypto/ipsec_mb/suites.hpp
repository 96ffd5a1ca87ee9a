// The ESP ciphers that libipsec-mb carries behind crypto/esp_cipher.hpp: each stands before OpenSSL's of the
// same SA, and hands on to that what is faster there. Key sizes are checked by the caller.
#pragma once

#include <memory>

#include "crypto/esp_cipher.hpp"
#include "crypto/ipsec_mb/lanes.hpp"

namespace causeway::crypto::ipsec_mb {

/// OpenSSL's cipher for the same SA, and whether it is to be passed by wherever that is possible.
struct Behind {
    std::unique_ptr<EspCipher> cipher;
    bool passed_by = false;
};

std::unique_ptr<EspCipher> make_esp_gcm(CipherId cipher, ByteView key, ByteView salt, EspUse use,
                                        Behind behind);
std::unique_ptr<EspCipher> make_esp_cbc_hmac(CipherId cipher, IntegrityId integrity, ByteView encryption_key,
                                             ByteView integrity_key, EspUse use, Behind behind);

/// SPI and sequence number: what stands in front of the IV (RFC 4303 2).
inline constexpr std::size_t esp_header_octets = 8;

/// The lanes that a batch of so many packets may use, or null.
inline Lanes* lanes_for(const Behind& behind, std::size_t batch_packets) {
    return Lanes::of_thread(behind.passed_by ? Lanes::batch_that_makes_them : batch_packets);
}

}  // namespace causeway::crypto::ipsec_mb
