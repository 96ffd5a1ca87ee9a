#include "cli/colour.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <unistd.h>
#include <utility>

namespace causeway::cli {
namespace {

constexpr std::pair<std::string_view, Shade> states[] = {
    {"ESTABLISHED", Shade::good}, {"INSTALLED", Shade::good}, {"CONNECTING", Shade::half},
    {"NEGOTIATING", Shade::half}, {"REKEYED", Shade::half},   {"DOWN", Shade::bad},
};
/// The lamps of a tunnel: what it is of, and its words.
struct Lamp {
    std::string_view front;
    std::string_view good;
    std::string_view half;
    std::string_view bad;
};
constexpr Lamp lamps[] = {
    {"tunnel ", "up", "negotiating", "down"},
    {", route ", "placed", "shadowed", "absent"},
    {", firewall ", "open", "unknown", "blocked"},
};
/// ECMA-48 8.3.117, by Shade.
constexpr std::array<std::string_view, 3> colours{"\x1b[32m", "\x1b[33m", "\x1b[31m"};
constexpr std::string_view plain = "\x1b[0m";

/// Where the state of a line starts: behind "NAME[1]:", "NAME{1}:" or "NAME:" and the blanks that follow.
std::size_t state_of(std::string_view line) {
    const auto colon = line.find(": ");
    return colon == std::string_view::npos ? line.size()
                                           : std::min(line.find_first_not_of(' ', colon + 1), line.size());
}

/// "tunnel up, route placed, firewall open" from `at` on; nothing when something else is there.
std::optional<std::string> coloured_lamps(std::string_view line, std::size_t at) {
    std::string text(line.substr(0, at));
    for (const Lamp& lamp : lamps) {
        if (!line.substr(at).starts_with(lamp.front)) {
            return std::nullopt;
        }
        at += lamp.front.size();
        const auto word = line.substr(at, line.find_first_of(",\n", at) - at);
        const auto shade = word == lamp.good   ? std::optional(Shade::good)
                           : word == lamp.half ? std::optional(Shade::half)
                           : word == lamp.bad  ? std::optional(Shade::bad)
                                               : std::nullopt;
        if (!shade) {
            return std::nullopt;
        }
        text.append(lamp.front).append(painted(word, *shade));
        at += word.size();
    }
    return text.append(line.substr(at));
}

std::string coloured_line(std::string_view line) {
    const auto at = state_of(line);
    if (auto lit = coloured_lamps(line, at)) {
        return std::move(*lit);
    }
    const auto word = line.substr(at, line.find_first_of(" ,\n", at) - at);
    for (const auto& [state, shade] : states) {
        if (word == state) {
            return std::string(line.substr(0, at))
                .append(painted(word, shade))
                .append(line.substr(at + word.size()));
        }
    }
    return std::string(line);
}

bool is_set(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

}  // namespace

bool colour_wanted() {
    return ::isatty(STDOUT_FILENO) == 1 && !is_set("NO_COLOR") && is_set("TERM") &&
           std::string_view(std::getenv("TERM")) != "dumb";
}

std::string painted(std::string_view text, Shade shade) {
    return std::string(colours.at(static_cast<std::size_t>(shade))).append(text).append(plain);
}

std::string coloured(std::string_view status) {
    std::string text;
    while (!status.empty()) {
        const auto end = std::min(status.find('\n'), status.size() - 1) + 1;
        text += coloured_line(status.substr(0, end));
        status.remove_prefix(end);
    }
    return text;
}

}  // namespace causeway::cli
