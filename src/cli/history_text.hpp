// The history of connections as people read it: for each a strip of four rows over time, from the name down to the far end,
// the round trip as a line, and what happened last in sentences. Pure, but for the time zone.
#pragma once

#include <cstddef>
#include <string>

#include "history/history.hpp"

namespace causeway::cli {

struct HistoryStyle {
    std::size_t columns = 100;  ///< no line is longer
    bool utf8 = false;          ///< block characters; else ASCII
    bool colour = false;
};

std::string history_text(const history::History& history, const HistoryStyle& style);

}  // namespace causeway::cli
