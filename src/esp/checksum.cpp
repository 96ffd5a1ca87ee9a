#include "esp/checksum.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "esp/octets.hpp"

namespace causeway::esp {

namespace {

// Four words of 32 bits that compilers add up at once where the processor can, and one by one elsewhere.
using Lanes [[gnu::vector_size(16)]] = std::uint32_t;

constexpr std::size_t block = 4 * sizeof(Lanes);
// Each block adds at most eight times 0xffff to a lane of the sum of all.
constexpr std::size_t most_blocks = 0xffffffff / (8 * 0xffff) - 1;

template <class Word, bool copies>
Word take(const std::uint8_t* from, std::uint8_t* to) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    if constexpr (copies) {
        std::memcpy(to, &word, sizeof word);
    }
    return word;
}

// Words are added in the machine's byte order, which changes the sum's octets only in their order (RFC 1071 2.B).
template <bool copies>
std::uint64_t native_sum(const std::uint8_t* from, std::size_t octets, std::uint8_t* to) {
    std::uint64_t sum = 0;
    std::size_t at = 0;
    const auto next = [&]<class Word>(Word) {
        const Word word = take<Word, copies>(from + at, to + (copies ? at : 0));
        at += sizeof(Word);
        return word;
    };
    while (octets - at >= sizeof(Lanes)) {
        Lanes low{};
        Lanes high{};
        Lanes other_low{};
        Lanes other_high{};
        for (std::size_t left = std::min((octets - at) / block, most_blocks); left != 0; --left) {
            const Lanes a = next(Lanes{});
            const Lanes b = next(Lanes{});
            const Lanes c = next(Lanes{});
            const Lanes d = next(Lanes{});
            low += (a & 0xffff) + (c & 0xffff);
            high += (a >> 16) + (c >> 16);
            other_low += (b & 0xffff) + (d & 0xffff);
            other_high += (b >> 16) + (d >> 16);
        }
        for (std::size_t left = std::min((octets - at) / sizeof(Lanes), std::size_t{3}); left != 0; --left) {
            const Lanes a = next(Lanes{});
            low += a & 0xffff;
            high += a >> 16;
        }
        low += high + other_low + other_high;
        sum += std::uint64_t{low[0]} + low[1] + low[2] + low[3];
    }
    while (octets - at >= sizeof(std::uint32_t)) {
        sum += next(std::uint32_t{});
    }
    if (octets - at >= sizeof(std::uint16_t)) {
        sum += next(std::uint16_t{});
    }
    if (at < octets) {
        const std::uint8_t last[2] = {next(std::uint8_t{}), 0};
        sum += take<std::uint16_t, false>(last, nullptr);
    }
    return sum;
}

std::uint16_t big_endian(std::uint64_t native) {
    const std::uint16_t sum = folded(native);
    if constexpr (std::endian::native == std::endian::little) {
        return static_cast<std::uint16_t>(sum << 8 | sum >> 8);
    }
    return sum;
}

}  // namespace

std::uint16_t internet_sum(ByteView octets) {
    return big_endian(native_sum<false>(octets.data(), octets.size(), nullptr));
}

std::uint16_t copy_with_sum(ByteView octets, std::uint8_t* to) {
    return big_endian(native_sum<true>(octets.data(), octets.size(), to));
}

std::uint16_t internet_checksum(ByteView octets) {
    return static_cast<std::uint16_t>(~internet_sum(octets));
}

std::uint32_t pseudo_header_sum(const std::uint8_t* ipv4_header, std::size_t transport_octets) {
    return std::uint32_t{load16(ipv4_header + 12)} + load16(ipv4_header + 14) + load16(ipv4_header + 16) +
           load16(ipv4_header + 18) + ipv4_header[9] + static_cast<std::uint32_t>(transport_octets);
}

std::uint16_t updated_checksum(std::uint16_t checksum, std::uint16_t old_word, std::uint16_t new_word) {
    const std::uint64_t sum = std::uint64_t{static_cast<std::uint16_t>(~checksum)} +
                              static_cast<std::uint16_t>(~old_word) + new_word;
    return static_cast<std::uint16_t>(~folded(sum));
}

}  // namespace causeway::esp
