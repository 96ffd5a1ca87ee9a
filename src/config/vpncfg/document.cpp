#include "config/vpncfg/document.hpp"

#include <algorithm>

#include "base/address.hpp"

namespace causeway::config::vpncfg {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/// "3600", "-1", "1.5", "8h".
bool is_number(std::string_view text) {
    if (!text.empty() && text.front() == '-') {
        text.remove_prefix(1);
    }
    const auto digits = [](std::string_view part) {
        return !part.empty() && std::ranges::all_of(part, is_digit);
    };
    if (const auto dot = text.find('.'); dot != std::string_view::npos) {
        return digits(text.substr(0, dot)) && digits(text.substr(dot + 1));
    }
    if (!text.empty() && std::string_view("smhdw").find(text.back()) != std::string_view::npos) {
        text.remove_suffix(1);
    }
    return digits(text);
}

bool is_mac(std::string_view text) {
    if (text.size() != 17) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (i % 3 == 2 ? c != ':' : !hex) {
            return false;
        }
    }
    return true;
}

}  // namespace

const Entry* Block::find(std::string_view name) const {
    const auto found = std::ranges::find(entries, name, &Entry::name);
    return found != entries.end() ? &*found : nullptr;
}

bool operator==(const Entry& a, const Entry& b) {
    return a.name == b.name && a.values == b.values && a.blocks == b.blocks;
}

bool operator==(const Block& a, const Block& b) {
    return a.entries == b.entries;
}

bool is_name(std::string_view text) {
    return !text.empty() && is_letter(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

bool is_word(std::string_view text) {
    return is_name(text) || is_number(text) || is_mac(text) || IpAddress::parse(text).has_value();
}

}  // namespace causeway::config::vpncfg
