// What a check says to people: each connection with what will be agreed on, what there is to say with the lines it speaks
// of, and how much of it. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/finding.hpp"
#include "check/check.hpp"
#include "cli/quote.hpp"

namespace causeway::cli {

struct CheckText {
    const check::Outcome& outcome;
    const std::vector<Finding>& findings;  ///< in the order in which they are told
    const Quotes& quotes;
    bool notes = false;  ///< told one by one, or only counted
    std::optional<std::size_t>
        columns;  ///< of the terminal, which then gets colour where it is wanted; none: a pipe
};

std::string text_of(const CheckText& check);

}  // namespace causeway::cli
