#include "cli/talk.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "cli/client.hpp"
#include "cli/colour.hpp"
#include "cli/nagios.hpp"
#include "cli/status_text.hpp"
#include "cli/wrap.hpp"

namespace causeway::cli {
namespace {

/// For questions that the daemon answers at once.
constexpr unsigned default_patience_seconds = 10;
/// What the daemon is given beyond the time that it was told, before the tool gives up on it.
constexpr std::chrono::seconds grace{5};

std::chrono::milliseconds patience(const TalkOptions& options) {
    return std::chrono::seconds(options.timeout_seconds.value_or(default_patience_seconds));
}

void print_json(const control::Reply& reply) {
    fmt::print("{}", control::encode(reply));
}

/// Sentences of a reply: to stdout what is good news, to stderr what is not.
void print_words(const control::Reply& reply) {
    std::FILE* const stream = reply.ok() ? stdout : stderr;
    if (!reply.message.empty()) {
        fmt::print(stream, "{}\n", printable(reply.message, 4096));
    }
    for (const std::string& detail : reply.details) {
        fmt::print(stream, "  {}\n", printable(detail, 4096));
    }
}

/// Lines that whoever knows strongSwan's may look for stay as they are; scripts that want ours ask for JSON.
std::string laid_out(std::string text, const control::Status& status, bool as_ipsec) {
    return as_ipsec ? text
                    : wrapped(text, terminal_columns(STDOUT_FILENO).value_or(columns_max),
                              status.daemon.config_file);
}

/// Sends, prints everything that comes back, and ends as the daemon says.
Exit carry_out(const TalkOptions& options, const control::Request& request, std::chrono::milliseconds time) {
    const auto progress = [&](const control::Reply& reply) {
        options.json ? print_json(reply) : print_words(reply);
        std::fflush(stdout);
    };
    const auto reply = ask(options.control, request, time, progress);
    if (!reply) {
        return report(reply.error(), options.json);
    }
    options.json ? print_json(*reply) : print_words(*reply);
    return reply->exit;
}

template <class Wish>
Exit carry_out_wish(const TalkOptions& options, const std::string& name, bool wait) {
    Wish wish{.name = without_number(name), .wait = wait};
    wish.timeout_seconds = options.timeout_seconds.value_or(control::default_timeout_seconds);
    const std::chrono::seconds time(wait ? wish.timeout_seconds : default_patience_seconds);
    return carry_out(options, wish, time + grace);
}

Exit print(const PluginLine& line) {
    fmt::print("{}\n", line.text);
    return static_cast<Exit>(line.state);
}

}  // namespace

Outcome<control::Status> ask_status(const TalkOptions& options, const std::string& name) {
    const auto reply = ask(options.control, control::AskStatus{}, patience(options));
    if (!reply) {
        return tl::unexpected(reply.error());
    }
    if (!reply->ok() || !reply->status) {
        return failure(reply->ok() ? Exit::unusable : reply->exit, reply->message.empty()
                                                                       ? "causewayd answered without a status"
                                                                       : printable(reply->message, 4096));
    }
    const std::string plain = without_number(name);
    auto selected = select(*reply->status, plain);
    if (!selected) {
        const std::string known = known_names(*reply->status);
        return failure(Exit::unusable,
                       fmt::format("no connection is called '{}'; {}", printable(plain),
                                   known.empty() ? "none is configured" : "configured: " + known));
    }
    return std::move(*selected);
}

Exit report(const Failure& failure, bool json) {
    if (json) {
        fmt::print("{}\n",
                   nlohmann::ordered_json{
                       {"ok", false}, {"exit", static_cast<int>(failure.exit)}, {"message", failure.what}}
                       .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    }
    fmt::print(stderr, "causeway: {}\n", failure.what);
    return failure.exit;
}

Exit status(const TalkOptions& options, const std::string& name, StatusKind kind) {
    if (options.json && name.empty()) {
        // As the daemon has written it: ten thousand tunnels are not read into values to be written again.
        bool begun = false;
        const auto told = print_status(options.control, patience(options), stdout, begun);
        // An object behind the begin of another one would be read as a part of that.
        return told ? Exit::done : report(told.error(), !begun);
    }
    const auto selected = ask_status(options, name);
    if (!selected) {
        return report(selected.error(), options.json);
    }
    if (options.json) {
        fmt::print("{}\n", control::to_json(*selected, true));
    } else {
        const Dialect dialect = options.as_ipsec ? Dialect::strongswan : Dialect::causeway;
        const auto text = laid_out(
            kind == StatusKind::all ? statusall_text(*selected, dialect) : status_text(*selected, dialect),
            *selected, options.as_ipsec);
        fmt::print("{}", colour_wanted() ? coloured(text) : text);
    }
    return name.empty() || all_up(*selected) ? Exit::done : Exit::no;
}

Exit nagios(const TalkOptions& options, const std::string& name) {
    const auto selected = ask_status(options, name);
    return print(selected ? plugin_line(*selected, !name.empty()) : plugin_unknown(selected.error().what));
}

Exit nagios_misused(const std::string& why) {
    return print(plugin_unknown(why));
}

Exit up(const TalkOptions& options, const std::string& name, bool wait) {
    return carry_out_wish<control::Up>(options, name, wait);
}

Exit down(const TalkOptions& options, const std::string& name, bool wait) {
    return carry_out_wish<control::Down>(options, name, wait);
}

Exit reload(const TalkOptions& options) {
    return carry_out(options, control::ReloadConfiguration{}, patience(options));
}

Exit log_level(const TalkOptions& options, Level level) {
    return carry_out(options, control::SetLogLevel{level}, patience(options));
}

Exit firewall(const TalkOptions& options, control::AskFirewall::Action action) {
    const auto reply = ask(options.control, control::AskFirewall{action}, patience(options));
    if (!reply) {
        return report(reply.error(), options.json);
    }
    if (options.json) {
        print_json(*reply);
        return reply->exit;
    }
    // As nft and iptables-restore read it; what is no rule begins with a #.
    fmt::print("# {}\n", printable(reply->message, 4096));
    for (const std::string& line : reply->details) {
        fmt::print("{}\n", printable(line, control::max_reply_octets));
    }
    return reply->exit;
}

Exit version(const TalkOptions& options, const std::string& own_version) {
    const auto reply = ask(options.control, control::AskVersion{}, patience(options));
    const bool running = reply && reply->ok();
    if (options.json) {
        nlohmann::ordered_json json{{"causeway", own_version}, {"causewayd", nullptr}};
        if (running) {
            json["causewayd"] = reply->version;
        }
        fmt::print("{}\n", json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    } else {
        fmt::print("causeway {}\n", own_version);
        if (running) {
            fmt::print("causewayd {} (running)\n", printable(reply->version));
        }
    }
    if (reply || reply.error().exit == Exit::not_running) {
        if (!running && !options.json) {
            fmt::print("causewayd is not running\n");
        }
        return running ? Exit::done : Exit::not_running;
    }
    return report(reply.error(), false);
}

std::string without_number(const std::string& name) {
    const std::size_t open = name.find_last_of("{[");
    if (open == std::string::npos || open == 0 || name.back() != (name[open] == '{' ? '}' : ']')) {
        return name;
    }
    const std::string inside = name.substr(open + 1, name.size() - open - 2);
    const bool number = !inside.empty() && inside.find_first_not_of("0123456789") == std::string::npos;
    return number || inside == "*" ? name.substr(0, open) : name;
}

}  // namespace causeway::cli
