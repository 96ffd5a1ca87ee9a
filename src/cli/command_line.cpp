#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/files.hpp"
#include "cli/service.hpp"
#include "cli/talk.hpp"
#include "control/protocol.hpp"

namespace causeway::cli {
namespace {

constexpr const char* exit_codes =
    "Exit status: 0 done, 1 the answer is no, 2 wrong usage or unusable input,\n"
    "3 causewayd is not running, 4 timed out. See causeway(8).";

/// Values that options fill in, and what is to be done once all of them are known.
struct Invocation {
    TalkOptions talk;
    std::string name;
    bool no_wait = false;
    std::string file;
    std::optional<config::Format> format;
    Level level = Level::info;
    StartOptions start;
    std::function<Exit()> action;
};

const std::map<std::string, config::Format> formats{{"uci", config::Format::uci},
                                                    {"vpncfg", config::Format::vpncfg}};
const std::map<std::string, Level> levels{{"debug", Level::debug},
                                          {"info", Level::info},
                                          {"notice", Level::notice},
                                          {"warning", Level::warning},
                                          {"error", Level::error}};

CLI::App* add(CLI::App& app, Invocation& invocation, const std::string& name, const std::string& help,
              std::function<Exit()> action) {
    CLI::App* const command = app.add_subcommand(name, help);
    command->callback([&invocation, action = std::move(action)] { invocation.action = action; });
    return command;
}

void add_timeout(CLI::App* command, Invocation& invocation, const std::string& what) {
    command->add_option("--timeout", invocation.talk.timeout_seconds, "Seconds to wait for " + what)
        ->check(CLI::Range(1U, control::max_timeout_seconds))
        ->type_name("SECONDS");
}

void add_json(CLI::App* command, Invocation& invocation) {
    command->add_flag("--json", invocation.talk.json, "Print JSON, with the keys that causeway(8) lists");
}

void add_status(CLI::App& app, Invocation& invocation) {
    const auto command = [&](const std::string& name, const std::string& help, StatusKind kind) {
        CLI::App* const status_command = add(app, invocation, name, help, [&invocation, kind] {
            return status(invocation.talk, invocation.name, kind);
        });
        status_command->add_option("NAME", invocation.name,
                                   "Only this tunnel or peer; exit status 1 if it is not up");
        add_json(status_command, invocation);
        add_timeout(status_command, invocation, "the daemon's answer (10)");
    };
    command("status", "Show what is up, what is not, and why", StatusKind::brief);
    command("statusall", "Show also addresses, configuration, suites, lifetimes and counters",
            StatusKind::all);
}

void add_up_and_down(CLI::App& app, Invocation& invocation) {
    using Command = Exit (*)(const TalkOptions&, const std::string&, bool);
    const auto command = [&](const std::string& name, const std::string& help, Command carry_out) {
        CLI::App* const wish = add(app, invocation, name, help, [&invocation, carry_out] {
            return carry_out(invocation.talk, invocation.name, !invocation.no_wait);
        });
        wish->add_option("NAME", invocation.name,
                         "A tunnel, or a peer for all of its tunnels; everything if absent");
        wish->add_flag("--no-wait", invocation.no_wait, "Do not wait for the outcome");
        add_json(wish, invocation);
        add_timeout(wish, invocation, "the outcome (60)");
    };
    command("up", "Bring a tunnel up, and wait until it is", up);
    command("down", "Take a tunnel down, and leave it down", down);
}

void add_reload(CLI::App& app, Invocation& invocation, bool as_ipsec) {
    const auto command = [&](const std::string& name, const std::string& help) {
        CLI::App* const reload_command =
            add(app, invocation, name, help, [&invocation] { return reload(invocation.talk); });
        add_json(reload_command, invocation);
        add_timeout(reload_command, invocation, "the daemon's answer (10)");
        return reload_command;
    };
    command("reload", "Read the configuration again; what did not change stays up");
    if (as_ipsec) {
        // An empty group keeps them out of the help: they are here for old scripts.
        for (const char* name : {"update", "rereadsecrets", "rereadall"}) {
            command(name, "The same as reload")->group("");
        }
    }
}

void add_log_level(CLI::App& app, Invocation& invocation) {
    CLI::App* const command =
        add(app, invocation, "log-level", "Change what the daemon logs, until it is reloaded",
            [&invocation] { return log_level(invocation.talk, invocation.level); });
    command->add_option("LEVEL", invocation.level, "debug, info, notice, warning or error")
        ->required()
        ->transform(CLI::CheckedTransformer(levels).description(""));
    add_json(command, invocation);
}

void add_version(CLI::App& app, Invocation& invocation, const std::string& own_version) {
    CLI::App* const command =
        add(app, invocation, "version", "Show the versions of the tool and of the daemon",
            [&invocation, own_version] { return version(invocation.talk, own_version); });
    add_json(command, invocation);
}

void add_format(CLI::App* command, Invocation& invocation) {
    command
        ->add_option("--format", invocation.format,
                     "uci or vpncfg, instead of recognising it from the content")
        ->transform(CLI::CheckedTransformer(formats).description(""))
        ->type_name("FORMAT");
}

void add_config(CLI::App& app, Invocation& invocation) {
    CLI::App* const config = app.add_subcommand("config", "Work on a configuration file, without the daemon");
    config->require_subcommand(1);
    CLI::App* const show =
        add(*config, invocation, "show", "Print a file as it was understood, pre-shared keys included",
            [&invocation] { return config_show(invocation.file, invocation.format, invocation.talk.json); });
    show->add_option("FILE", invocation.file, "The file; - for stdin")->required();
    add_format(show, invocation);
    show->add_flag("--json", invocation.talk.json, "Print every value with its line and column as JSON");
    CLI::App* const check =
        add(*config, invocation, "check", "Say in words what a file means and what is wrong with it",
            [&invocation] { return config_check(invocation.file, invocation.format); });
    check->add_option("FILE", invocation.file, "The file; - for stdin")->required();
    add_format(check, invocation);
}

void add_decode(CLI::App& app, Invocation& invocation) {
    CLI::App* const command = add(app, invocation, "decode", "Print captured IKE messages in words",
                                  [&invocation] { return decode(invocation.file); });
    command
        ->add_option(
            "WHAT", invocation.file,
            "A capture file (tcpdump -w), one message in hexadecimal digits, or - for either on stdin")
        ->required();
}

void add_start_options(CLI::App* command, Invocation& invocation) {
    command->add_option("--config,--conf", invocation.start.config, "The daemon's configuration file")
        ->type_name("FILE");
    command
        ->add_option("--auto-update", invocation.start.lookup_ceiling_seconds,
                     "Look names up again after that many seconds at most")
        ->check(CLI::Range(1U, control::max_timeout_seconds))
        ->type_name("SECONDS");
    add_timeout(command, invocation, "the daemon (20)");
}

/// The commands of strongSwan's `ipsec` that start and stop.
void add_service(CLI::App& app, Invocation& invocation) {
    const auto options = [&invocation] {
        StartOptions start_options = invocation.start;
        start_options.control = invocation.talk.control;
        start_options.timeout_seconds =
            invocation.talk.timeout_seconds.value_or(start_options.timeout_seconds);
        return start_options;
    };
    CLI::App* const start_command =
        add(app, invocation, "start", "Start the daemon, and wait until it answers",
            [options] { return start(options()); });
    CLI::App* const starter = add(app, invocation, "starter", "The same, under the name that the recipe uses",
                                  [options] { return start(options()); });
    for (CLI::App* const command : {start_command, starter}) {
        add_start_options(command, invocation);
        command->add_flag("--nofork", invocation.start.foreground, "Stay in the foreground");
    }
    CLI::App* const stop_command =
        add(app, invocation, "stop", "Stop the daemon, and wait until it is gone", [options] {
            const StartOptions stop_options = options();
            return stop(stop_options.control, stop_options.timeout_seconds);
        });
    add_timeout(stop_command, invocation, "the daemon's end (20)");
    add_start_options(
        add(app, invocation, "restart", "Stop and start", [options] { return restart(options()); }),
        invocation);
}

bool called_as_ipsec(const char* program) {
    const std::string_view path = program == nullptr ? "" : program;
    return path.substr(path.find_last_of('/') + 1) == "ipsec";
}

}  // namespace

Exit run(int argc, const char* const* argv, const std::string& version) {
    const bool as_ipsec = called_as_ipsec(argc > 0 ? argv[0] : nullptr);
    Invocation invocation;
    CLI::App app("Watch and steer causewayd, which joins private networks with IPsec.",
                 as_ipsec ? "ipsec" : "causeway");
    app.require_subcommand(1);
    // --control is taken before and after the command.
    app.fallthrough();
    app.footer(exit_codes);
    app.set_version_flag("--version", "causeway " + version, "Print the version of this tool and exit");
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.add_option("--control", invocation.talk.control,
                   fmt::format("The daemon's control socket ({})", default_control_path))
        ->envname("CAUSEWAY_CONTROL")
        ->type_name("PATH");
    if (as_ipsec) {
        add_service(app, invocation);
    }
    add_status(app, invocation);
    add_up_and_down(app, invocation);
    add_reload(app, invocation, as_ipsec);
    add_log_level(app, invocation);
    add_config(app, invocation);
    add_decode(app, invocation);
    add_version(app, invocation, version);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& stop_here) {
        // Help and version come this way too, with status 0.
        return app.exit(stop_here, std::cout, std::cerr) == 0 ? Exit::done : Exit::unusable;
    }
    return invocation.action();
}

}  // namespace causeway::cli
