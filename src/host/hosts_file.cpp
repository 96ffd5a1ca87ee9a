#include "host/hosts_file.hpp"

#include <algorithm>
#include <optional>

namespace causeway::host {

namespace {

constexpr std::string_view blanks = " \t\r";

/// The next word, taken off the front; empty at the end.
std::string_view word_of(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char left, char right) { return lower(left) == lower(right); });
}

bool names(std::string_view rest, std::string_view name) {
    for (std::string_view word = word_of(rest); !word.empty(); word = word_of(rest)) {
        if (same_name(word, name)) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::vector<IpAddress> addresses_in_hosts(std::string_view text, std::string_view name) {
    std::vector<IpAddress> found;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line = line.substr(0, line.find('#'));
        const std::string_view first = word_of(line);
        // Few of thousands of lines have the name: the address is read of those only.
        if (first.empty() || !names(line, name)) {
            continue;
        }
        const auto address = IpAddress::parse(first);
        if (address && std::find(found.begin(), found.end(), *address) == found.end()) {
            found.push_back(*address);
        }
    }
    return found;
}

}  // namespace causeway::host
