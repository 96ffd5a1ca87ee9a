#include "cli/command_line.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <span>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/check.hpp"
#include "cli/convert.hpp"
#include "cli/doctor.hpp"
#include "cli/explain.hpp"
#include "cli/files.hpp"
#include "cli/history.hpp"
#include "cli/metrics.hpp"
#include "cli/pair.hpp"
#include "cli/probe.hpp"
#include "cli/report.hpp"
#include "cli/service.hpp"
#include "cli/talk.hpp"
#include "cli/wrap.hpp"
#include "history/history.hpp"

namespace causeway::cli {
namespace {

/// The name that people know it by, whatever the file is called.
std::string_view name_of(std::string_view program) {
    return program.substr(program.find_last_of('/') + 1) == "ipsec" ? "ipsec" : "causeway";
}

/// The option, else the environment, else the usual place.
std::string control_path(const Arguments& arguments) {
    if (!arguments.control.empty()) {
        return arguments.control;
    }
    const char* const environment = std::getenv("CAUSEWAY_CONTROL");
    return environment != nullptr && *environment != '\0' ? environment : default_control_path;
}

StartOptions start_options(const Arguments& arguments) {
    StartOptions life;
    life.control = control_path(arguments);
    life.config = arguments.config;
    life.lookup_ceiling_seconds = arguments.auto_update_seconds;
    life.foreground = arguments.nofork;
    life.timeout_seconds = arguments.timeout_seconds.value_or(life.timeout_seconds);
    return life;
}

Exit carry_out(const Arguments& arguments, std::string_view program, const std::string& own_version) {
    const TalkOptions talk{.control = control_path(arguments),
                           .json = arguments.json,
                           .timeout_seconds = arguments.timeout_seconds,
                           .as_ipsec = program == "ipsec"};
    const StartOptions life = start_options(arguments);
    switch (*arguments.verb) {
        case Verb::start:
            return start(life);
        case Verb::stop:
            return stop(life.control, life.timeout_seconds);
        case Verb::restart:
            return restart(life);
        case Verb::status:
            return arguments.nagios ? nagios(talk, arguments.word)
                                    : status(talk, arguments.word, StatusKind::brief);
        case Verb::statusall:
            return status(talk, arguments.word, StatusKind::all);
        case Verb::history:
            return history(talk, arguments.word, arguments.hours.value_or(history::default_hours));
        case Verb::report:
            return report_to_file(talk, {.output = arguments.output,
                                         .mask = arguments.mask_addresses,
                                         .hours = arguments.hours.value_or(history::default_hours)});
        case Verb::metrics:
            return metrics(talk);
        case Verb::up:
            return up(talk, arguments.word, !arguments.no_wait);
        case Verb::down:
            return down(talk, arguments.word, !arguments.no_wait);
        case Verb::reload:
            return reload(talk);
        case Verb::log_level:
            return log_level(talk, arguments.level);
        case Verb::config_show:
            return config_show(arguments.word, arguments.format, arguments.json);
        case Verb::config_check:
            return config_check(arguments.word, arguments.format,
                                arguments.json      ? Shown::json
                                : arguments.verbose ? Shown::with_notes
                                                    : Shown::without_notes);
        case Verb::check:
            return check(arguments);
        case Verb::explain:
            return explain(arguments.word, arguments.json);
        case Verb::pair:
            return pair(arguments);
        case Verb::convert:
            return convert(arguments);
        case Verb::decode:
            return decode(arguments.word);
        case Verb::probe:
            return probe(arguments);
        case Verb::doctor:
            return doctor(arguments, talk.control);
        case Verb::firewall_show:
            return firewall(talk, control::AskFirewall::Action::show);
        case Verb::firewall_apply:
            return firewall(talk, control::AskFirewall::Action::apply);
        case Verb::firewall_remove:
            return firewall(talk, control::AskFirewall::Action::remove);
        case Verb::version:
            return version(talk, own_version);
    }
    return Exit::unusable;
}

Exit run_command(int argc, const char* const* argv, const std::string& version) {
    const std::span<const char* const> given(argv, static_cast<std::size_t>(argc));
    const std::string_view program = name_of(given.empty() ? "" : given[0]);
    const std::vector<std::string> words(given.begin() + (given.empty() ? 0 : 1), given.end());
    const auto arguments = read_arguments(words);
    if (!arguments) {
        // Whoever watches takes 2, wrong usage, for a tunnel that is down.
        if (std::ranges::find(words, "--nagios") != words.end()) {
            return nagios_misused(arguments.error().what);
        }
        fmt::print(stderr, "{0}: {1}; '{0} --help' lists commands and options\n", program,
                   arguments.error().what);
        return Exit::unusable;
    }
    if (arguments->help) {
        const std::size_t columns = terminal_columns(STDOUT_FILENO).value_or(columns_max);
        std::fputs(wrapped(help_text(arguments->verb, program), columns).c_str(), stdout);
        return Exit::done;
    }
    if (arguments->own_version) {
        fmt::print("causeway {}\n", version);
        return Exit::done;
    }
    return carry_out(*arguments, program, version);
}

}  // namespace

int run(int argc, const char* const* argv, const std::string& version) {
    Exit exit = Exit::unusable;
    try {
        exit = run_command(argc, argv, version);
    } catch (const std::exception& failed) {
        // Out of memory, a stdout that cannot be written to: nothing that a command expects.
        std::fprintf(stderr, "causeway: %s\n", failed.what());
    }
    if (std::fflush(stdout) != 0) {
        std::perror("causeway: cannot write the output");
        exit = Exit::unusable;
    } else if (std::ferror(stdout) != 0) {
        // What was long was written before, and why that failed is no longer known.
        std::fputs("causeway: cannot write the output\n", stderr);
        exit = Exit::unusable;
    }
    return static_cast<int>(exit);
}

}  // namespace causeway::cli
