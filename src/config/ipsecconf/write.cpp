#include "config/ipsecconf/write.hpp"

#include <fmt/format.h>
#include <string>
#include <string_view>

namespace causeway::config::ipsecconf {
namespace {

/// In quotes where the grammar gives a character a meaning.
std::string quoted(std::string_view text) {
    const bool passed_over = text.starts_with("version");  // as the first word of a line
    if (!text.empty() && !passed_over && text.find_first_of("\"#= \t\r\n\\") == std::string_view::npos) {
        return std::string(text);
    }
    std::string quoted = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
            case '\\':
                quoted += '\\';
                quoted += c;
                break;
            case '\n':
                quoted += "\\n";
                break;
            case '\r':
                quoted += "\\r";
                break;
            case '\t':
                quoted += "\\t";
                break;
            default:
                quoted += c;
        }
    }
    return quoted + '"';
}

std::string head_of(const Section& section) {
    switch (section.kind) {
        case Section::Kind::setup:
            return "config setup";
        case Section::Kind::conn:
            return fmt::format("conn {}", quoted(section.name));
        case Section::Kind::ca:
            return fmt::format("ca {}", quoted(section.name));
        case Section::Kind::include:
            return fmt::format("include {}", quoted(section.name));
    }
    return {};
}

}  // namespace

std::string write(const Document& document) {
    std::string text;
    for (const auto& section : document.sections) {
        text += fmt::format("{}{}\n", text.empty() ? "" : "\n", head_of(section));
        for (const auto& setting : section.settings) {
            // Without a value it takes back what is inherited; quotes would be a value.
            text += fmt::format("\t{}={}\n", quoted(setting.key),
                                setting.value.empty() ? "" : quoted(setting.value));
        }
    }
    return text;
}

}  // namespace causeway::config::ipsecconf
