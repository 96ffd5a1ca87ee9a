#include "config/swanctl/write.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace causeway::config::swanctl {
namespace {

constexpr std::size_t indentation = 4;

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        constexpr std::string_view meanings = "\r\t\n";
        constexpr std::string_view letters = "rtn";
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (const auto letter = meanings.find(c); letter != std::string_view::npos) {
            out += {'\\', letters[letter]};
        } else {
            out += c;
        }
    }
    return out + '"';
}

/// Words with one blank between them mean the same without quotes.
std::string written(std::string_view value) {
    const bool plain = !value.empty() && value.find_first_of("#}\"\r\n\t") == std::string_view::npos &&
                       value.front() != ' ' && value.back() != ' ' &&
                       value.find("  ") == std::string_view::npos;
    return plain ? std::string(value) : quoted(value);
}

void write_entries(std::string& out, const std::vector<Entry>& entries, std::size_t indent) {
    for (const auto& entry : entries) {
        out.append(indent, ' ');
        switch (entry.kind) {
            case Entry::Kind::include:
                out += "include " + quoted(entry.name) + "\n";
                break;
            case Entry::Kind::setting:
                out += entry.name + " =" + (entry.value.set ? " " + written(entry.value.text) : "") + "\n";
                break;
            case Entry::Kind::section: {
                out += entry.name;
                // With a blank behind it the word would include a file.
                const bool word = entry.name == "include";
                const char* before = word ? ": " : " : ";
                for (const auto& reference : entry.references) {
                    out += before + reference.name;
                    before = ", ";
                }
                out += word && entry.references.empty() ? "{\n" : " {\n";
                write_entries(out, entry.entries, indent + indentation);
                out.append(indent, ' ');
                out += "}\n";
                break;
            }
        }
    }
}

}  // namespace

std::string write(const Document& document) {
    std::string out;
    write_entries(out, document, 0);
    return out;
}

}  // namespace causeway::config::swanctl
