#include "cli/history.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <unistd.h>
#include <utility>

#include "base/event.hpp"
#include "cli/charset.hpp"
#include "cli/client.hpp"
#include "cli/colour.hpp"
#include "cli/history_text.hpp"
#include "cli/wrap.hpp"
#include "control/history_json.hpp"
#include "control/protocol.hpp"
#include "history/history.hpp"

namespace causeway::cli {
namespace {

constexpr unsigned default_patience_seconds = 10;

/// What a daemon without histories says of the request.
constexpr std::string_view unknown = "unknown command 'history'";

Failure why_not(const control::Reply& reply) {
    if (reply.message == unknown) {
        return {Exit::unusable,
                "the causewayd that runs is older than this tool and keeps no history; 'causeway restart' "
                "starts the "
                "one that is installed"};
    }
    return {reply.ok() ? Exit::unusable : reply.exit,
            reply.message.empty() ? "causewayd answered without a history" : printable(reply.message, 4096)};
}

}  // namespace

Outcome<history::History> ask_history(const TalkOptions& options, const std::string& name,
                                      std::uint64_t hours) {
    std::optional<history::History> all;
    const auto take = [&all](const control::Reply& reply) {
        if (!reply.history) {
            return;
        }
        if (!all) {
            all = reply.history;
        } else {
            std::ranges::copy(reply.history->connections, std::back_inserter(all->connections));
        }
    };
    const auto reply =
        ask(options.control, control::AskHistory{without_number(name), hours},
            std::chrono::seconds(options.timeout_seconds.value_or(default_patience_seconds)), take);
    if (!reply) {
        return tl::unexpected(reply.error());
    }
    take(*reply);
    if (!reply->ok() || !all) {
        return tl::unexpected(why_not(*reply));
    }
    return std::move(*all);
}

Exit history(const TalkOptions& options, const std::string& name, std::uint64_t hours) {
    const auto all = ask_history(options, name, hours);
    if (!all) {
        return report(all.error(), options.json);
    }
    if (options.json) {
        fmt::print("{}\n", control::to_json(*all));
    } else {
        fmt::print("{}", history_text(*all, {terminal_columns(STDOUT_FILENO).value_or(columns_max),
                                             utf8_wanted(), colour_wanted()}));
    }
    return Exit::done;
}

}  // namespace causeway::cli
