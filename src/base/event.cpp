#include "base/event.hpp"

#include <array>
#include <string>
#include <string_view>

#include "base/words.hpp"

namespace causeway {
namespace {

constexpr std::array descriptions{
#define CAUSEWAY_EVENT(code, level, text) EventDescription{EventCode::code, #code, Level::level, text},
#include "base/events.def"
#undef CAUSEWAY_EVENT
};

}  // namespace

const EventDescription& describe(EventCode code) {
    return descriptions.at(static_cast<std::size_t>(code));
}

std::string_view Event::field(std::string_view name) const {
    for (const auto& [key, value] : fields) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

std::string Event::text() const {
    std::string out;
    if (!subject.empty()) {
        out = subject + ": ";
    }
    const std::string_view pattern = describe(code).text;
    std::size_t at = 0;
    while (at < pattern.size()) {
        const auto open = pattern.find('{', at);
        if (open == std::string_view::npos) {
            break;
        }
        const auto close = pattern.find('}', open);
        out += pattern.substr(at, open - at);
        const std::string_view name = pattern.substr(open + 1, close - open - 1);
        out += name == "state" ? state_in_words(field(name)) : std::string(field(name));
        at = close + 1;
    }
    out += pattern.substr(at);
    return out;
}

std::string_view level_name(Level level) {
    static constexpr std::array<std::string_view, 5> names{"debug", "info", "notice", "warning", "error"};
    return names.at(static_cast<std::size_t>(level));
}

std::string printable(std::string_view text, std::size_t limit) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        if (out.size() >= limit) {
            return out + "...";
        }
        if (c >= ' ' && c <= '~' && c != '\\') {
            out.push_back(c);
        } else {
            const auto octet = static_cast<unsigned char>(c);
            out += "\\x";
            out.push_back(digits[octet >> 4]);
            out.push_back(digits[octet & 15]);
        }
    }
    return out;
}

}  // namespace causeway
