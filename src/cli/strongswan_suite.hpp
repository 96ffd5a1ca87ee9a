// Suites in the letters of strongSwan's `statusall`, for `ipsec statusall`. Everything else that causeway
// says has the plain notation. Pure.
#pragma once

#include <string>
#include <string_view>

namespace causeway::cli {

/// Phase 1: "aes128-sha1-modp1024" becomes "AES_CBC_128/HMAC_SHA1/MODP_1024". A suite with an unknown word,
/// as a daemon of another version may send it, stays as it is.
std::string strongswan_ike_suite(std::string_view plain);
/// Phase 2: "aes128-sha1-modp1024" becomes "AES_CBC_128/HMAC_SHA1_96/MODP_1024"; the same of unknown words.
std::string strongswan_esp_suite(std::string_view plain);

}  // namespace causeway::cli
