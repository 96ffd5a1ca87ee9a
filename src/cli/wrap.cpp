#include "cli/wrap.hpp"

#include <algorithm>
#include <sys/ioctl.h>
#include <unistd.h>
#include <vector>

namespace causeway::cli {
namespace {

/// Fewer make no line that can be read; a terminal that says 0 does not know.
constexpr std::size_t columns_min = 40;
constexpr std::size_t hanging = 4;

std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char octet) {
        return (static_cast<unsigned char>(octet) & 0xc0U) != 0x80U;
    }));
}

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Behind the quote that closes the one at `at`; nothing when that is none, or an apostrophe ("the peer's").
std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t at) {
    if ((text[at] != '\'' && text[at] != '"') || (at > 0 && is_letter_or_digit(text[at - 1]))) {
        return std::nullopt;
    }
    for (auto close = text.find(text[at], at + 1); close != std::string_view::npos;
         close = text.find(text[at], close + 1)) {
        if (close + 1 == text.size() || !is_letter_or_digit(text[close + 1])) {
            return close + 1;
        }
    }
    return std::nullopt;
}

/// Behind the word that begins at `at`.
std::size_t end_of_word(std::string_view text, std::size_t at, std::string_view whole) {
    while (at < text.size() && text[at] != ' ') {
        if (!whole.empty() && text.substr(at).starts_with(whole)) {
            at += whole.size();
        } else {
            at = end_of_quoted(text, at).value_or(at + 1);
        }
    }
    return at;
}

/// A word, and how many blanks are in front of it.
struct Word {
    std::size_t blanks = 0;
    std::string_view text;
};

std::vector<Word> words_of(std::string_view line, std::string_view whole) {
    std::vector<Word> words;
    std::size_t at = 0;
    for (std::size_t begin = 0; (begin = line.find_first_not_of(' ', at)) != std::string_view::npos;) {
        const std::size_t end = end_of_word(line, begin, whole);
        words.push_back({begin - at, line.substr(begin, end - begin)});
        at = end;
    }
    return words;
}

/// The column in which the lines below go on.
std::size_t column_below(const std::vector<Word>& words, std::size_t columns) {
    std::size_t column = 0;
    for (const Word& word : words) {
        const bool second_column = column > 0 && word.blanks > 1;
        column += word.blanks;
        if (column > columns / 2) {
            break;
        }
        if (second_column) {
            return column;
        }
        column += width(word.text);
    }
    return (words.empty() ? 0 : words.front().blanks) + hanging;
}

std::string joined(const std::vector<Word>& words, std::size_t columns, std::size_t below) {
    std::string text;
    std::size_t used = 0;
    for (const Word& word : words) {
        std::size_t blanks = word.blanks;
        if (!text.empty() && used + blanks + width(word.text) > columns) {
            text += '\n';
            used = 0;
            blanks = below;
        }
        text.append(blanks, ' ').append(word.text);
        used += blanks + width(word.text);
    }
    return text;
}

std::string wrapped_line(std::string_view line, std::size_t columns, std::string_view whole) {
    if (width(line) <= columns) {
        return std::string(line);
    }
    const std::vector<Word> words = words_of(line, whole);
    return joined(words, columns, column_below(words, columns));
}

}  // namespace

std::optional<std::size_t> terminal_columns(int descriptor) {
    if (::isatty(descriptor) != 1) {
        return std::nullopt;
    }
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return columns_max;
    }
    return std::clamp<std::size_t>(size.ws_col, columns_min, columns_max);
}

std::string wrapped(std::string_view text, std::size_t columns, std::string_view whole) {
    std::string lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines += wrapped_line(text.substr(0, end), columns, whole);
        if (end == text.size()) {
            break;
        }
        lines += '\n';
        text.remove_prefix(end + 1);
    }
    return lines;
}

std::string filled(std::string_view paragraph, std::size_t columns) {
    return joined(words_of(paragraph, {}), columns, 0);
}

}  // namespace causeway::cli
