// Randomness is handed in, so that a simulation can be replayed. The daemon's source is crypto/random.hpp.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace causeway {

class RandomSource {
 public:
    RandomSource() = default;
    RandomSource(const RandomSource&) = delete;
    RandomSource& operator=(const RandomSource&) = delete;
    virtual ~RandomSource() = default;

    /// Fills the span completely; a source that cannot must end the program.
    virtual void fill(std::span<std::uint8_t> octets) = 0;

    Bytes octets(std::size_t count) {
        Bytes bytes(count);
        fill(bytes);
        return bytes;
    }
    std::uint32_t u32() {
        std::uint8_t octets[4];
        fill(octets);
        return std::uint32_t{octets[0]} << 24 | std::uint32_t{octets[1]} << 16 |
               std::uint32_t{octets[2]} << 8 | octets[3];
    }
};

}  // namespace causeway
