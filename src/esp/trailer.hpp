// Padding, pad length and next header of an ESP packet (RFC 4303 2.4 to 2.6). Pure.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace causeway::esp {

/// Fills the end of a plaintext: `padding` octets 1, 2, 3, ..., pad length, next header. `tail` has room for
/// padding + 2 octets and is written completely.
void write_trailer(std::span<std::uint8_t> tail, std::uint8_t next_header);

/// What stands in front of the trailer, and the next header.
struct Plaintext {
    std::size_t payload_octets = 0;
    std::uint8_t next_header = 0;
    bool padding_ok = false;  ///< false: the other fields mean nothing
};

/// Checks pad length and the padding octets, without a branch that depends on them.
Plaintext read_trailer(ByteView plaintext);

}  // namespace causeway::esp
