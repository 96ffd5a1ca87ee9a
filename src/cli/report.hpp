// `causeway report`: a page of HTML to look at, or to send. Called by the command line only.
#pragma once

#include <cstdint>
#include <string>

#include "cli/failure.hpp"
#include "cli/talk.hpp"

namespace causeway::cli {

struct ReportOptions {
    std::string output;  ///< a file, which gets mode 600; empty or "-": stdout
    bool mask = false;
    std::uint64_t hours = 0;
};
/// Nothing is written where there is no status.
Exit report_to_file(const TalkOptions& talk, const ReportOptions& options);

}  // namespace causeway::cli
