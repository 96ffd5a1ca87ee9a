#include "config/vpncfg/write.hpp"

#include <fmt/format.h>
#include <iterator>

namespace causeway::config::vpncfg {
namespace {

constexpr std::size_t indentation = 8;

void write_block(std::string& out, const Block& block, std::size_t indent);

void write_entry(std::string& out, const Entry& entry, std::size_t indent) {
    out.append(indent, ' ');
    out += entry.name;
    if (entry.blocks.empty()) {
        out += " = ";
        // Further values stand below the first.
        const auto below = indent + entry.name.size() + 3;
        for (std::size_t i = 0; i < entry.values.size(); ++i) {
            const auto& value = entry.values[i];
            if (i > 0) {
                out += ",\n";
                out.append(below, ' ');
            }
            out += value.kind == Scalar::Kind::string ? vpncfg::quoted(value.text) : value.text;
        }
        out += ";\n";
        return;
    }
    for (const auto& block : entry.blocks) {
        out += " {\n";
        write_block(out, block, indent + indentation);
        out.append(indent, ' ');
        out += '}';
    }
    out += '\n';
}

void write_block(std::string& out, const Block& block, std::size_t indent) {
    for (const auto& entry : block.entries) {
        write_entry(out, entry, indent);
    }
}

}  // namespace

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        constexpr std::string_view meanings = "\b\t\n\f\r";
        constexpr std::string_view letters = "btnfr";
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (const auto letter = meanings.find(c); letter != std::string_view::npos) {
            out += {'\\', letters[letter]};
        } else if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
            fmt::format_to(std::back_inserter(out), "\\{:03o}", static_cast<unsigned>(c));
        } else {
            out.push_back(c);
        }
    }
    return out + '"';
}

std::string write(const Document& document) {
    std::string out;
    write_block(out, document, 0);
    return out;
}

}  // namespace causeway::config::vpncfg
