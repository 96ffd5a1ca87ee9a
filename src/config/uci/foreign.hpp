// Other programs' files of the same name: which program's, and what to change.
// Used by the mapper only.
#pragma once

#include <optional>
#include <string_view>

#include "config/uci/document.hpp"

namespace causeway::config::uci {

struct Foreign {
    std::string_view whose;
    std::string_view remedy;
    Position at{};
};

/// A file that cannot be read as ours: there is no remote in it, or its remotes
/// mean something else.
std::optional<Foreign> foreign_file(const Document& document);

/// A file that another program wrote in our own words and some more.
std::optional<Foreign> relative_file(const Document& document);

}  // namespace causeway::config::uci
