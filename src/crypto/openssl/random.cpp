#include "crypto/random.hpp"

#include <algorithm>
#include <cstdint>
#include <openssl/rand.h>
#include <span>

#include "crypto/openssl/library.hpp"

namespace causeway::crypto {

void SystemRandom::fill(std::span<std::uint8_t> octets) {
    constexpr std::size_t at_once = std::size_t{1} << 16;
    while (!octets.empty()) {
        const std::size_t count = std::min(octets.size(), at_once);
        if (RAND_bytes(octets.data(), static_cast<int>(count)) != 1) {
            openssl::library_failed("random octets");
        }
        octets = octets.subspan(count);
    }
}

}  // namespace causeway::crypto
