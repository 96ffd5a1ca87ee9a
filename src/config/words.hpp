// Words as people write them in configuration files, and the nearest one when they slip. Pure.
#pragma once

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

/// The known word that a slip of the pen turns into `word`, if one is near enough to be worth naming.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

/// A DNS name or something that can be one: letters, digits, '-', '_' and dots, at most 253 octets.
bool is_host_name(std::string_view text);

/// "3h", "1h 30m", "45s".
std::string in_words(Duration duration);

}  // namespace causeway::config
