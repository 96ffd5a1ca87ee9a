#include "cli/arguments.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <getopt.h>
#include <system_error>
#include <utility>

#include "base/event.hpp"
#include "cli/command_rows.hpp"
#include "config/words.hpp"
#include "control/protocol.hpp"
#include "history/history.hpp"
#include "pair/site.hpp"

namespace causeway::cli {
namespace {

constexpr const char* exit_codes =
    "\nExit status: 0 done, 1 the answer is no, 2 wrong usage or unusable input,\n"
    "3 causewayd is not running, 4 timed out. See causeway(8).\n";

Error wrong(std::string what) {
    return Error{Errc::malformed, std::move(what), {}, {}};
}

const OptionRow& row(Option option) {
    return *std::find_if(options.begin(), options.end(),
                         [option](const OptionRow& candidate) { return candidate.option == option; });
}

/// 1 to 86400 seconds.
Result<unsigned> seconds(Option option, std::string_view text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1 ||
        number > control::max_timeout_seconds) {
        return fail(wrong(fmt::format("--{} is 1 to {} seconds, not '{}'", row(option).name,
                                      control::max_timeout_seconds, text)));
    }
    return number;
}

Result<std::uint64_t> hours(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1 ||
        number > history::max_hours) {
        return fail(wrong(fmt::format("--hours is 1 to {}, not '{}'", history::max_hours, text)));
    }
    return number;
}

/// A UDP port.
Result<std::uint16_t> port_number(std::string_view text) {
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0) {
        return fail(wrong(fmt::format("--port is 1 to 65535, not '{}'", text)));
    }
    return number;
}

Result<> take_path(std::string& path, const char* value, std::string_view otherwise) {
    path = value;
    return path.empty() ? fail(wrong(std::string(otherwise))) : Result<>();
}

Result<> take_form(Arguments& arguments, const char* value) {
    constexpr std::string_view forms[] = {"uci",    "uci:g0", "uci:g1",       "uci:g2",    "uci:g3",
                                          "uci:g4", "vpncfg", "swanctl.conf", "ipsec.conf"};
    arguments.to = value;
    return std::ranges::find(forms, arguments.to) != std::end(forms)
               ? Result<>()
               : fail(wrong(fmt::format(
                     "--to is uci:g4, uci:g0 to g3, vpncfg, swanctl.conf or ipsec.conf, not '{}'", value)));
}

/// What only the commands about two sides take.
Result<> take_of_check(Arguments& arguments, Option option, const char* value) {
    if (option == opt_resolve || option == opt_mirror || option == opt_ask) {
        (option == opt_resolve  ? arguments.resolve
         : option == opt_mirror ? arguments.mirror
                                : arguments.ask) = true;
        return {};
    }
    if (option == opt_dataplane) {
        arguments.kernel_plane = std::string_view(value) == "kernel";
        return arguments.kernel_plane || std::string_view(value) == "userspace"
                   ? Result<>()
                   : fail(wrong(fmt::format("--dataplane is userspace or kernel, not '{}'", value)));
    }
    constexpr std::pair<Option, std::string Arguments::*> files[] = {
        {opt_peer, &Arguments::peer},
        {opt_secrets, &Arguments::secrets},
        {opt_peer_secrets, &Arguments::peer_secrets},
        {opt_firewall, &Arguments::firewall},
        {opt_network, &Arguments::network},
        {opt_hotplug, &Arguments::hotplug},
        {opt_init, &Arguments::init},
        {opt_ours, &Arguments::ours},
        {opt_theirs, &Arguments::theirs},
        {opt_generation, &Arguments::generation},
        {opt_sites, &Arguments::sites},
        {opt_box, &Arguments::box}};
    if (*value == '\0') {
        return fail(wrong(fmt::format(
            "--{} wants {}", row(option).name,
            option == opt_box || option == opt_ours || option == opt_theirs || option == opt_generation
                ? "a value"
                : "the path of a file")));
    }
    const auto* const found =
        std::ranges::find(files, option, &std::pair<Option, std::string Arguments::*>::first);
    arguments.*found->second = value;
    if (option == opt_box) {
        auto box = pair::box_from(value);
        if (!box) {
            return fail(wrong("--box: " + box.error().text()));
        }
        arguments.box = std::move(*box);
    }
    return {};
}

/// What only the commands take that look for a fault on the wire or on this machine.
Result<> take_of_diagnosis(Arguments& arguments, Option option, const char* value) {
    if (option == opt_port) {
        arguments.port = CAUSEWAY_TRY(port_number(value));
        return {};
    }
    if (option == opt_bundle) {
        arguments.bundle = true;
        return {};
    }
    return option == opt_ping ? take_path(arguments.ping, value, "--ping wants a host's name or address")
                              : take_path(arguments.aggressive, value, "--aggressive wants an identity");
}

Result<> take_number(Arguments& arguments, Option option, const char* value) {
    if (option == opt_hours) {
        arguments.hours = CAUSEWAY_TRY(hours(value));
    } else {
        (option == opt_timeout ? arguments.timeout_seconds : arguments.auto_update_seconds) =
            CAUSEWAY_TRY(seconds(option, value));
    }
    return {};
}

void take_switch(Arguments& arguments, Option option) {
    constexpr std::pair<Option, bool Arguments::*> switches[] = {
        {opt_json, &Arguments::json},
        {opt_nagios, &Arguments::nagios},
        {opt_no_wait, &Arguments::no_wait},
        {opt_force, &Arguments::force},
        {opt_verbose, &Arguments::verbose},
        {opt_nofork, &Arguments::nofork},
        {opt_help, &Arguments::help},
        {opt_version, &Arguments::own_version},
        {opt_mask_addresses, &Arguments::mask_addresses}};
    arguments.*std::ranges::find(switches, option, &std::pair<Option, bool Arguments::*>::first)->second =
        true;
}

Result<> take(Arguments& arguments, Option option, const char* value) {
    switch (option) {
        case opt_json:
        case opt_nagios:
        case opt_no_wait:
        case opt_force:
        case opt_verbose:
        case opt_nofork:
        case opt_help:
        case opt_version:
        case opt_mask_addresses:
            take_switch(arguments, option);
            break;
        case opt_timeout:
        case opt_hours:
        case opt_auto_update:
            return take_number(arguments, option, value);
        case opt_port:
        case opt_aggressive:
        case opt_ping:
        case opt_bundle:
            return take_of_diagnosis(arguments, option, value);
        case opt_format: {
            arguments.format = config::format_named(value);
            if (!arguments.format) {
                return fail(wrong(fmt::format("--format is {}, not '{}'", config::format_names(), value)));
            }
            break;
        }
        case opt_to:
            return take_form(arguments, value);
        case opt_output:
            return take_path(arguments.output, value, "--output wants the path of a file");
        case opt_config:
            arguments.config = value;
            break;
        case opt_mirror:
        case opt_resolve:
        case opt_ours:
        case opt_theirs:
        case opt_generation:
        case opt_sites:
        case opt_ask:
        case opt_dataplane:
        case opt_peer:
        case opt_secrets:
        case opt_peer_secrets:
        case opt_firewall:
        case opt_network:
        case opt_hotplug:
        case opt_init:
        case opt_box:
            return take_of_check(arguments, option, value);
        case opt_control:
            return take_path(arguments.control, value, "--control wants the path of a socket");
    }
    return {};
}

/// What was typed, not yet weighed against what the command takes.
struct Typed {
    Arguments arguments;
    std::vector<std::string> words;
    Options options = 0;
};

constexpr int first_option = 256;  // beyond every character

std::vector<option> long_options() {
    std::vector<option> longs;
    for (std::size_t i = 0; i < options.size(); ++i) {
        longs.push_back({options[i].name, options[i].value == nullptr ? no_argument : required_argument,
                         nullptr, first_option + static_cast<int>(i)});
    }
    longs.push_back({nullptr, 0, nullptr, 0});
    return longs;
}

Result<Typed> read(std::span<const std::string> words) {
    std::vector<std::string> copies{"causeway"};
    copies.insert(copies.end(), words.begin(), words.end());
    std::vector<char*> argv;
    for (std::string& word : copies) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    const std::vector<option> longs = long_options();
    Typed typed;
    ::opterr = 0;
    ::optind = 0;  // glibc and musl: begin anew
    for (;;) {
        // '-': words that are no options come in their order, so that options may stand anywhere.
        const int letter =
            ::getopt_long(static_cast<int>(copies.size()), argv.data(), "-:ho:", longs.data(), nullptr);
        if (letter == -1) {
            break;
        }
        const std::string& at = copies[static_cast<std::size_t>(::optind) - 1];
        if (letter == 1) {
            typed.words.emplace_back(::optarg);
            continue;
        }
        if (letter == ':') {
            return fail(wrong(fmt::format("{} needs a value", at)));
        }
        if (letter == '?') {
            const bool given_a_value = ::optopt >= first_option;
            return fail(wrong(given_a_value ? fmt::format("{}: this option takes no value", at)
                                            : fmt::format("unknown option '{}'", at)));
        }
        const Option option = letter == 'h' ? opt_help
                              : letter == 'o'
                                  ? opt_output
                                  : options.at(static_cast<std::size_t>(letter - first_option)).option;
        typed.options |= option;
        CAUSEWAY_CHECK(take(typed.arguments, option, ::optarg));
    }
    // Behind "--".
    for (int i = ::optind; i < static_cast<int>(copies.size()); ++i) {
        typed.words.push_back(copies[static_cast<std::size_t>(i)]);
    }
    return typed;
}

/// How many of the words name the command.
std::size_t words_of(const CommandRow& command, std::span<const std::string> words) {
    const std::string_view name = command.name;
    if (words.empty()) {
        return 0;
    }
    if (words[0] == name) {
        return 1;
    }
    return words.size() > 1 && fmt::format("{} {}", words[0], words[1]) == name ? 2 : 0;
}

Error no_such_command(const std::string& word) {
    std::vector<std::string_view> known;
    for (const CommandRow& command : commands) {
        known.emplace_back(command.name);
    }
    if (const auto near = config::nearest(word, known)) {
        return wrong(fmt::format("unknown command '{}' (did you mean '{}'?)", printable(word, 40), *near));
    }
    return wrong(word == "config" ? "'config' needs a subcommand: 'config show FILE', 'config check FILE' or "
                                    "'config migrate FILE'"
                 : word == "firewall" ? "'firewall' needs a subcommand: show, apply or remove"
                                      : fmt::format("unknown command '{}'", printable(word, 40)));
}

Result<> take_level(Arguments& arguments) {
    for (const Level level : {Level::debug, Level::info, Level::notice, Level::warning, Level::error}) {
        if (level_name(level) == arguments.word) {
            arguments.level = level;
            return {};
        }
    }
    return fail(wrong(fmt::format("unknown log level '{}', expected debug, info, notice, warning or error",
                                  arguments.word)));
}

/// Holds what was typed against what the command takes.
Result<> fit(Typed& typed, const CommandRow& command, std::span<const std::string> rest) {
    for (const OptionRow& each : options) {
        if ((typed.options & each.option & ~(command.options | always)) != 0) {
            return fail(wrong(fmt::format("'{}' does not take --{}", command.name, each.name)));
        }
    }
    if (typed.arguments.json && typed.arguments.nagios) {
        return fail(wrong("--json and --nagios exclude each other"));
    }
    const std::size_t taken = command.argument == nullptr ? 0 : 1;
    if (rest.size() > taken) {
        return fail(wrong(fmt::format("'{}' is one word too many for '{}'", rest[taken], command.name)));
    }
    if (taken == 1 && rest.empty() && *command.argument != '[') {
        return fail(wrong(
            fmt::format("'{0}' needs {1}: {2}", command.name, command.argument, command.argument_help)));
    }
    if (!rest.empty()) {
        typed.arguments.word = rest[0];
    }
    return command.verb == Verb::log_level ? take_level(typed.arguments) : Result<>();
}

}  // namespace

Result<Arguments> read_arguments(std::span<const std::string> words) {
    Typed typed = CAUSEWAY_TRY(read(words));
    if (typed.words.empty()) {
        if (!typed.arguments.help && !typed.arguments.own_version) {
            return fail(wrong("no command given"));
        }
        return typed.arguments;
    }
    for (const CommandRow& command : commands) {
        const std::size_t named = words_of(command, typed.words);
        if (named == 0) {
            continue;
        }
        typed.arguments.verb = command.verb;
        if (!typed.arguments.help) {
            CAUSEWAY_CHECK(fit(typed, command, std::span(typed.words).subspan(named)));
        }
        return typed.arguments;
    }
    if (typed.arguments.help && typed.words[0] == "config") {
        return typed.arguments;
    }
    return fail(no_such_command(typed.words[0]));
}

namespace {

void add_line(std::string& text, const std::string& left, std::string_view right) {
    text += fmt::format("  {:<26}  {}\n", left, right);
}

void add_options(std::string& text, Options which, unsigned timeout_seconds) {
    text += "\nOptions:\n";
    for (const OptionRow& each : options) {
        if ((which & each.option) == 0 || each.help == nullptr) {
            continue;
        }
        const std::string name =
            fmt::format("{}--{}{}{}", each.option == opt_help ? "-h, " : "", each.name,
                        each.value == nullptr ? "" : " ", each.value == nullptr ? "" : each.value);
        add_line(text, name, fmt::format(fmt::runtime(each.help), timeout_seconds));
    }
}

}  // namespace

std::string help_text(std::optional<Verb> verb, std::string_view program) {
    for (const CommandRow& command : commands) {
        if (command.verb != verb) {
            continue;
        }
        std::string text = fmt::format("{}.\nUsage: {} {} [OPTIONS]{}{}\n", command.help, program,
                                       command.name, command.argument == nullptr ? "" : " ",
                                       command.argument == nullptr ? "" : command.argument);
        if (command.argument != nullptr) {
            text += '\n';
            add_line(text, command.argument, command.argument_help);
        }
        add_options(text, command.options | always, command.timeout_seconds);
        return text + exit_codes;
    }
    std::string text = fmt::format(
        "Monitor and control causewayd, which joins private networks with IPsec.\nUsage: {} [OPTIONS] "
        "COMMAND\n\nCommands:\n",
        program);
    for (const CommandRow& command : commands) {
        if (command.help != nullptr) {
            add_line(text,
                     fmt::format("{}{}{}", command.name, command.argument == nullptr ? "" : " ",
                                 command.argument == nullptr ? "" : command.argument),
                     command.help);
        }
    }
    add_options(text, always | opt_version, 0);
    return text + fmt::format("\n'{} COMMAND --help' says more about a command.\n", program) + exit_codes;
}

}  // namespace causeway::cli
