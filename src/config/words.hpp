// Words as people write them in configuration files, and the nearest one when they slip. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace causeway::config {

/// 1, on, true, yes, enabled; 0, off, false, no, disabled: as OpenWrt's scripts read them.
std::optional<bool> parse_boolean(std::string_view text);

/// "90", "90s", "15m", "3h", "1d", "1H", "3600 s": whole seconds, at most ten
/// years.
std::optional<Duration> parse_duration(std::string_view text);

/// "1000", "500k", "1 G" (1024, ...): at most 2^50.
std::optional<std::uint64_t> parse_octets(std::string_view text);

/// A decimal number, digits only.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// Splits at blanks, tabs, line ends and the characters of `also`; no empty words.
std::vector<std::string_view> split_words(std::string_view text, std::string_view also = {});

/// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
std::size_t distance(std::string_view a, std::string_view b);

/// The known word that a slip of the pen turns into `word`, if one is near enough to be worth naming.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

/// A DNS name or something that can be one: letters, digits, '-', '_' and dots, at most 253 octets.
bool is_host_name(std::string_view text);

/// Of a file: begins with a slash, does not end with one, and is text.
bool is_absolute_path(std::string_view text);
inline constexpr std::string_view absolute_path_words = "the whole path of a file, from / on";

/// "3h", "1h 30m", "45s".
std::string in_words(Duration duration);

/// A value as a message may quote it: causeway::printable() of its first line. A value of several lines is
/// one whose quote was forgotten, and what it swallowed may be a key. In this namespace it is found first, so
/// that no reader quotes more.
std::string printable(std::string_view text, std::size_t limit = 128);

/// The name of an option as a message may quote it. Where the blank between name and value is missing, the
/// name has the value's start in it: behind a word for keys and passwords nothing is quoted.
std::string printable_name(std::string_view name);

}  // namespace causeway::config
