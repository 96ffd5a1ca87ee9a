#include "esp/trailer.hpp"

namespace causeway::esp {

void write_trailer(std::span<std::uint8_t> tail, std::uint8_t next_header) {
    const std::size_t padding = tail.size() - 2;
    for (std::size_t i = 0; i < padding; ++i) {
        tail[i] = static_cast<std::uint8_t>(i + 1);
    }
    tail[padding] = static_cast<std::uint8_t>(padding);
    tail[padding + 1] = next_header;
}

Plaintext read_trailer(ByteView plaintext) {
    Plaintext result;
    if (plaintext.size() < 2) {
        return result;
    }
    const std::size_t padding = plaintext[plaintext.size() - 2];
    if (padding + 2 > plaintext.size()) {
        return result;
    }
    result.payload_octets = plaintext.size() - 2 - padding;
    result.next_header = plaintext.back();
    unsigned wrong = 0;
    for (std::size_t i = 0; i < padding; ++i) {
        wrong |= plaintext[result.payload_octets + i] ^ static_cast<unsigned>(i + 1);
    }
    result.padding_ok = (wrong & 0xff) == 0;
    return result;
}

}  // namespace causeway::esp
