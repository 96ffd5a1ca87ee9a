// The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Pure.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace causeway::esp {

/// A sum of 16-bit words with its carries added in: never 0 unless all words were.
inline std::uint16_t folded(std::uint64_t sum) {
    while ((sum >> 16) != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(sum);
}

/// The folded one's complement sum of the octets as big-endian words, a zero behind an odd last one; sums of
/// pieces of even length may be added up and folded.
std::uint16_t internet_sum(ByteView octets);

/// The same of octets that are copied to `to` on the way, where there is room for them; the two do not
/// overlap.
std::uint16_t copy_with_sum(ByteView octets, std::uint8_t* to);

/// The complement of the one's complement sum; over a header with a right checksum in place it is 0.
std::uint16_t internet_checksum(ByteView octets);

/// What the pseudo-header adds to a TCP or UDP checksum (RFC 9293 3.1, RFC 768): addresses and protocol of
/// an IPv4 header, and the length of what follows it. Not folded.
std::uint32_t pseudo_header_sum(const std::uint8_t* ipv4_header, std::size_t transport_octets);

/// The checksum after one 16-bit word changed (RFC 1624 eqn. 3). A wrong checksum stays wrong.
std::uint16_t updated_checksum(std::uint16_t checksum, std::uint16_t old_word, std::uint16_t new_word);

}  // namespace causeway::esp
