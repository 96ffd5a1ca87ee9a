#include "cli/quote.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/event.hpp"
#include "config/quotable.hpp"

namespace causeway::cli {
namespace {

constexpr std::size_t columns = 96;

/// A script or a file of the router's: what stands there is no key of ours, but perhaps one of somebody else's.
bool may_hold_secret(std::string_view line) {
    std::string lower(line);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    constexpr std::string_view words[] = {"key", "secret", "psk", "pass"};
    return std::ranges::any_of(words,
                               [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

}  // namespace

void Quotes::add(std::string file, std::string_view text, Of of) {
    auto& lines = lines_[std::move(file)];
    lines.clear();
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        const bool shown = of == Of::tunnels ? config::is_quotable(line) : !may_hold_secret(line);
        lines.push_back(shown || line.empty() ? std::optional<std::string>(line) : std::nullopt);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::string Quotes::of(const Place& place) const {
    const auto file = place.file ? lines_.find(*place.file) : lines_.end();
    if (file == lines_.end() || place.line == 0 || place.line > file->second.size()) {
        return {};
    }
    if (!file->second[place.line - 1]) {
        return fmt::format("{:>6} | (not shown: it may hold a key)\n", place.line);
    }
    const auto& line = *file->second[place.line - 1];
    if (line.empty() || line.size() > columns) {
        return {};
    }
    std::string text;
    std::string below;
    for (std::size_t i = 0; i < line.size(); ++i) {
        text += line[i] == '\t' ? std::string(4, ' ') : std::string(1, line[i]);
        if (i + 1 < place.column) {
            below += line[i] == '\t' ? std::string(4, ' ') : std::string(1, ' ');
        }
    }
    std::string quoted = fmt::format("{:>6} | {}\n", place.line, printable(text, columns * 2));
    if (place.column > 0 && place.column <= line.size()) {
        quoted += fmt::format("{:>6} | {}^\n", "", below);
    }
    return quoted;
}

}  // namespace causeway::cli
