#include "daemon/options.hpp"

#include <CLI/CLI.hpp>

namespace causeway::daemon {

ParsedOptions parse_options(int argc, char** argv, const std::string& version) {
    ParsedOptions parsed;
    Options& options = parsed.options;
    std::string format;
    unsigned lookup_ceiling = 0;
    CLI::App app{"causewayd joins private networks with IPsec: IKEv1 and ESP over a TUN device.",
                 "causewayd"};
    app.set_version_flag("--version", "causeway " + version);
    app.add_option(
           "--config", options.config_file,
           "Configuration: /etc/config/ipsec in any of its forms, or a FRITZ!Box vpncfg. Without it:\n"
           "/etc/config/ipsec, then /etc/causeway/causeway.conf")
        ->type_name("FILE");
    app.add_option("--format", format, "Kind of the file, when its content does not tell")
        ->check(CLI::IsMember({"uci", "vpncfg"}))
        ->type_name("uci|vpncfg");
    app.add_flag("--check-config", options.check_config,
                 "Say in words what the file means, and end: 0 usable, 1 refused");
    app.add_option("--control", options.control_path, "Control socket, which `causeway` talks to")
        ->capture_default_str()
        ->type_name("PATH");
    app.add_flag("-D,--daemonize", options.daemonize,
                 "Go to the background once everything stands; log to syslog");
    app.add_option("--pid-file", options.pid_file, "Write the process number there")->type_name("FILE");
    app.add_flag("--syslog", options.syslog, "Log to syslog instead of stderr");
    auto* ceiling = app.add_option("--lookup-ceiling", lookup_ceiling, "Look names up at least this often")
                        ->check(CLI::Range(1U, 86400U))
                        ->type_name("SECONDS");
    app.add_option("--tun", options.tun, "Name of the TUN device")
        ->capture_default_str()
        ->check(CLI::Validator(
            [](const std::string& name) {
                return name.empty() || name.size() > 15 || name.find_first_of("/ \t") != std::string::npos
                           ? std::string("a device name has 1 to 15 characters, no slash and no space")
                           : std::string();
            },
            "NAME"))
        ->type_name("NAME");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        parsed.exit = app.exit(error) == 0 ? exit_code::done : exit_code::usage;
        return parsed;
    }
    if (!format.empty()) {
        options.format = format == "uci" ? config::Format::uci : config::Format::vpncfg;
    }
    if (ceiling->count() != 0) {
        options.lookup_ceiling = std::chrono::seconds(lookup_ceiling);
    }
    return parsed;
}

}  // namespace causeway::daemon
