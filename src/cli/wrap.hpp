// Lines as long as people read them: broken between words, the rest indented. Pure, but for the width of the
// terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::cli {

/// No line that a person is meant to read is longer, however wide the terminal is.
inline constexpr std::size_t columns_max = 100;

/// How many columns there are where `descriptor` leads: those of a terminal, at most columns_max; nothing
/// when it is none.
std::optional<std::size_t> terminal_columns(int descriptor);

/// The same text in lines of at most `columns` characters of UTF-8, each counted as one column. What does not
/// fit goes on below: under the second column of a line that has two ("  Phase 1   aes128 ..."), else four
/// columns deeper than it begins. A word is never broken, nor is a quoted value, nor `whole` (the name of a
/// file) where it occurs: one that is too long has a line of its own. Lines that fit stay as they are, octet
/// for octet.
std::string wrapped(std::string_view text, std::size_t columns, std::string_view whole = {});

/// One paragraph, its lines below each other: prose.
std::string filled(std::string_view paragraph, std::size_t columns);

}  // namespace causeway::cli
