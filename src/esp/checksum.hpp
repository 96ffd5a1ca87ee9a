// The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Pure.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace causeway::esp {

/// The complement of the one's complement sum; over a header with a right checksum in place it is 0.
std::uint16_t internet_checksum(ByteView octets);

/// The checksum after one 16-bit word changed (RFC 1624 eqn. 3). A wrong checksum stays wrong.
std::uint16_t updated_checksum(std::uint16_t checksum, std::uint16_t old_word, std::uint16_t new_word);

}  // namespace causeway::esp
