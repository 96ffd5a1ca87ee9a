// The sizes of what a history is written as, which decide how much of it is kept. Only the recorder's own files use it.
#pragma once

#include <cstddef>

namespace causeway::history::layout {

/// A file begins with the mark and the version, the steps of a line, the newest step, the starts and the lines counted,
/// and ends with a checksum.
inline constexpr std::size_t head_octets = 256;
/// Of a line, but for its name, steps and sentences: three counts.
inline constexpr std::size_t line_octets = 2 + 2 + 1;
inline constexpr std::size_t step_octets = 4;
/// Of a sentence, but for its words: two times, how often, the length.
inline constexpr std::size_t why_octets = 4 + 4 + 4 + 1;

/// What a sentence consists of.
constexpr bool is_plain(char c) {
    return c >= ' ' && c <= '~';
}

}  // namespace causeway::history::layout
