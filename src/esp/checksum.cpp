#include "esp/checksum.hpp"

#include "esp/octets.hpp"

namespace causeway::esp {

namespace {

std::uint16_t folded(std::uint64_t sum) {
    while ((sum >> 16) != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(sum);
}

}  // namespace

std::uint16_t internet_checksum(ByteView octets) {
    std::uint64_t sum = 0;
    std::size_t at = 0;
    for (; at + 1 < octets.size(); at += 2) {
        sum += load16(octets.data() + at);
    }
    if (at < octets.size()) {
        sum += static_cast<std::uint64_t>(octets[at]) << 8;
    }
    return static_cast<std::uint16_t>(~folded(sum));
}

std::uint16_t updated_checksum(std::uint16_t checksum, std::uint16_t old_word, std::uint16_t new_word) {
    const std::uint64_t sum = std::uint64_t{static_cast<std::uint16_t>(~checksum)} +
                              static_cast<std::uint16_t>(~old_word) + new_word;
    return static_cast<std::uint16_t>(~folded(sum));
}

}  // namespace causeway::esp
