#include "config/formats.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

#include "config/ipsecconf/format.hpp"
#include "config/other_kind.hpp"
#include "config/swanctl/format.hpp"
#include "config/uci/format.hpp"
#include "config/vpncfg/format.hpp"

namespace causeway::config {
namespace {

/// In the order in which they are asked.
constexpr std::array table{vpncfg::rules, swanctl::rules, ipsecconf::rules, uci::rules};

}  // namespace

std::span<const FormatRules> formats() {
    return table;
}

const FormatRules& rules_of(Format format) {
    return *std::ranges::find(table, format, &FormatRules::format);
}

std::optional<Format> format_named(std::string_view name) {
    const auto* const found = std::ranges::find(table, name, &FormatRules::name);
    return found == table.end() ? std::nullopt : std::optional(found->format);
}

std::string format_names() {
    std::string names;
    for (auto row = table.rbegin(); row != table.rend(); ++row) {
        names += names.empty() ? "" : std::next(row) == table.rend() ? " or " : ", ";
        names += row->name;
    }
    return names;
}

Result<Model> nothing_usable(Result<Model> result) {
    if (!result && result.error().code == Errc::not_found) {
        result.error().code = Errc::unacceptable;
    }
    return result;
}

Error judged(Error error, const Source& source) {
    if (const auto kind = other_kind(source.text)) {
        return {Errc::unsupported, std::string(kind->what), Place{source.file, kind->line, 0},
                std::string(kind->remedy)};
    }
    return error;
}

tl::unexpected<Error> of_no_known_kind(const Source& source) {
    std::string what;
    for (auto row = table.rbegin(); row != table.rend(); ++row) {
        what += fmt::format("{}{}", what.empty() ? "neither " : " nor ", row->example);
    }
    return fail(Error{Errc::unsupported, what, Place{source.file, 0, 0},
                      "name the file that describes the tunnels, or its kind with --format"});
}

}  // namespace causeway::config
