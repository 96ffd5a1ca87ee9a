#include "cli/html.hpp"

namespace causeway::cli {
namespace {

constexpr std::string_view instead = "\xef\xbf\xbd";

/// U+202A to U+202E and U+2066 to U+2069: what follows would be written backwards (UAX 9).
bool turns(std::string_view text) {
    if (!text.starts_with("\xe2\x80") && !text.starts_with("\xe2\x81")) {
        return false;
    }
    const auto last = text.size() < 3 ? 0U : static_cast<unsigned char>(text[2]);
    return text[1] == '\x80' ? last >= 0xaa && last <= 0xae : last >= 0xa6 && last <= 0xa9;
}

}  // namespace

std::string html(std::string_view text) {
    std::string out;
    for (; !text.empty(); text.remove_prefix(1)) {
        const char c = text.front();
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '"') {
            out += "&quot;";
        } else if (c == '\'') {
            out += "&#39;";
        } else if ((c >= 0 && c < ' ') || c == '\x7f') {
            out += instead;
        } else if (turns(text)) {
            out += instead;
            text.remove_prefix(2);
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace causeway::cli
