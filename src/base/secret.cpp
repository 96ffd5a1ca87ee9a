#include "base/secret.hpp"

#include <cstdint>
#include <span>
#include <string.h>

namespace causeway {

void wipe(std::span<std::uint8_t> octets) {
    if (!octets.empty()) {
        explicit_bzero(octets.data(), octets.size());
    }
}

bool equal_in_constant_time(ByteView a, ByteView b) {
    if (a.size() != b.size()) {
        return false;
    }
    // volatile keeps the compiler from leaving the loop at the first difference.
    volatile std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    }
    return difference == 0;
}

}  // namespace causeway
