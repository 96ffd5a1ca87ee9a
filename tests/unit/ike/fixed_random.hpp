// Randomness for tests that draws the same number always; with 0 no jitter is taken off.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/random.hpp"

namespace causeway::ike {

class Fixed final : public RandomSource {
 public:
    explicit Fixed(std::uint8_t octet = 0) : octet_(octet) {}
    void fill(std::span<std::uint8_t> octets) override { std::ranges::fill(octets, octet_); }

 private:
    std::uint8_t octet_;
};

}  // namespace causeway::ike
