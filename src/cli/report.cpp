#include "cli/report.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <sys/stat.h>

#include "base/event.hpp"
#include "cli/history.hpp"
#include "cli/private_file.hpp"
#include "cli/report_page.hpp"

namespace causeway::cli {

Exit report_to_file(const TalkOptions& talk, const ReportOptions& options) {
    const bool to_stdout = options.output.empty() || options.output == "-";
    struct stat there {};
    if (!to_stdout && ::lstat(options.output.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
        return complain({Exit::unusable, fmt::format("{} exists and is no plain file: name another one",
                                                     printable(options.output))});
    }
    const auto status = ask_status(talk, {});
    if (!status) {
        return report(status.error(), false);
    }
    // One that keeps no history, or does not answer in time, has a page without it.
    const auto asked = ask_history(talk, {}, options.hours);
    const auto history = asked ? std::optional(*asked) : std::nullopt;
    const std::string page =
        options.mask ? masked_report_page(*status, history)
                     : report_page(*status, history, [](std::string_view text) { return std::string(text); });
    if (to_stdout) {
        std::fwrite(page.data(), 1, page.size(), stdout);
        return Exit::done;
    }
    return write_private_file(options.output, page, true);
}

}  // namespace causeway::cli
