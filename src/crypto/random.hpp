// The operating system's randomness, by way of OpenSSL.
#pragma once

#include <cstdint>
#include <span>

#include "base/random.hpp"

namespace causeway::crypto {

class SystemRandom final : public RandomSource {
 public:
    void fill(std::span<std::uint8_t> octets) override;
};

}  // namespace causeway::crypto
