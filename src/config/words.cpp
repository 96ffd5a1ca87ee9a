#include "config/words.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

#include "base/event.hpp"

namespace causeway::config {
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::vector<std::size_t> next(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        next[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                next[j] = std::min(next[j], before[j - 2] + 1);
            }
        }
        std::swap(before, row);
        std::swap(row, next);
    }
    return row[b.size()];
}

std::optional<bool> parse_boolean(std::string_view text) {
    for (const std::string_view yes : {"1", "on", "true", "yes", "enabled"}) {
        if (text == yes) {
            return true;
        }
    }
    for (const std::string_view no : {"0", "off", "false", "no", "disabled"}) {
        if (text == no) {
            return false;
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Takes the unit from the end of a number, blanks before it too, as strongSwan
/// does.
template <class Units>
std::uint64_t take_unit(std::string_view& text, const Units& units) {
    for (const auto& [letter, factor] : units) {
        if (!text.empty() && lower(text.back()) == letter) {
            text.remove_suffix(1);
            text.remove_suffix(text.size() - (text.find_last_not_of(' ') + 1));
            return factor;
        }
    }
    return 1;
}

}  // namespace

std::optional<std::uint64_t> parse_octets(std::string_view text) {
    constexpr std::pair<char, std::uint64_t> units[] = {{'k', 1U << 10}, {'m', 1U << 20}, {'g', 1U << 30}};
    const auto unit = take_unit(text, units);
    const auto number = parse_number(text);
    constexpr std::uint64_t most = std::uint64_t{1} << 50;
    if (!number || *number > most / unit) {
        return std::nullopt;
    }
    return *number * unit;
}

std::optional<Duration> parse_duration(std::string_view text) {
    constexpr std::pair<char, std::uint64_t> units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    const auto unit = take_unit(text, units);
    const auto number = parse_number(text);
    constexpr std::uint64_t ten_years = std::uint64_t{10} * 366 * 86400;
    if (!number || *number > ten_years) {
        return std::nullopt;
    }
    const auto seconds = *number * unit;
    if (seconds > ten_years) {
        return std::nullopt;
    }
    return std::chrono::seconds(seconds);
}

std::vector<std::string_view> split_words(std::string_view text, std::string_view also) {
    std::vector<std::string_view> words;
    const auto separates = [&](char c) {
        return c == ' ' || (c >= '\t' && c <= '\r') || also.find(c) != std::string_view::npos;
    };
    std::size_t at = 0;
    while (at < text.size()) {
        if (separates(text[at])) {
            ++at;
            continue;
        }
        auto end = at;
        while (end < text.size() && !separates(text[end])) {
            ++end;
        }
        words.push_back(text.substr(at, end - at));
        at = end;
    }
    return words;
}

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known) {
    if (word.size() < 3 || word.size() > 64) {
        return std::nullopt;
    }
    const std::size_t tolerated = word.size() < 6 ? 1 : word.size() < 12 ? 2 : 3;
    std::optional<std::string_view> best;
    auto best_distance = tolerated + 1;
    for (const auto candidate : known) {
        if (const auto d = distance(word, candidate); d < best_distance) {
            best = candidate;
            best_distance = d;
        }
    }
    return best;
}

std::string printable(std::string_view text, std::size_t limit) {
    const auto end = text.find_first_of("\r\n");
    return end == std::string_view::npos ? causeway::printable(text, limit)
                                         : causeway::printable(text.substr(0, end), limit) + "...";
}

std::string printable_name(std::string_view name) {
    auto end = name.size();
    for (const std::string_view word : {"_key", "sharedkey", "secret", "psk", "passw"}) {
        if (const auto at = name.find(word); at != std::string_view::npos) {
            end = std::min(end, at + word.size());
        }
    }
    return printable(name.substr(0, end)) + (end < name.size() ? "..." : "");
}

bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= 253 && text.front() != '-' && text.front() != '.' &&
           text.find("..") == std::string_view::npos && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '-' || c == '.' || c == '_';
           });
}

bool is_absolute_path(std::string_view text) {
    return text.size() > 1 && text.size() < 4096 && text.front() == '/' && text.back() != '/' &&
           std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
}

std::string in_words(Duration duration) {
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    std::string text;
    constexpr std::pair<std::int64_t, char> units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    for (const auto& [size, letter] : units) {
        if (seconds >= size) {
            text += fmt::format("{}{}{}", text.empty() ? "" : " ", seconds / size, letter);
            seconds %= size;
        }
    }
    return text.empty() ? "0s" : text;
}

}  // namespace causeway::config
