#include "cli/metrics.hpp"

#include <cstdio>

#include "control/metrics.hpp"

namespace causeway::cli {

Exit metrics(const TalkOptions& options) {
    const auto status = ask_status(options, {});
    std::fputs((status ? control::metrics_text(*status) : control::metrics_text_of_none()).c_str(), stdout);
    return status ? Exit::done : report(status.error(), false);
}

}  // namespace causeway::cli
