#include "config/uci/write.hpp"

#include <fmt/format.h>
#include <iterator>

namespace causeway::config::uci {
namespace {

std::string escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace

std::string write(const Document& document, std::string_view package) {
    std::string out;
    const auto into = std::back_inserter(out);
    if (!package.empty()) {
        fmt::format_to(into, "package {}\n", escape(package));
    }
    for (const auto& section : document.sections) {
        fmt::format_to(into, "\nconfig {}", escape(section.type));
        if (!section.anonymous) {
            fmt::format_to(into, " '{}'", escape(section.name));
        }
        out += '\n';
        for (const auto& option : section.options) {
            for (const auto& value : option.values) {
                fmt::format_to(into, "\t{} {} '{}'\n", option.is_list ? "list" : "option", option.name,
                               escape(value.text));
            }
        }
    }
    out += '\n';
    return out;
}

}  // namespace causeway::config::uci
