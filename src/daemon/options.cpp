#include "daemon/options.hpp"

#include <charconv>
#include <cstdio>
#include <fmt/format.h>
#include <getopt.h>
#include <string_view>

#include "config/words.hpp"
#include "control/machine_options.hpp"

namespace causeway::daemon {
namespace {

constexpr std::string_view help =
    R"(causewayd joins private networks with IPsec: IKEv1 and ESP over a TUN device.
Usage: causewayd [OPTIONS]

Options:
  -h, --help                   Print this and end
  --version                    Print the version and end
  --config FILE                Configuration: UCI in any of its generations, or a FRITZ!Box vpncfg. Without it: the
                               first of /etc/config/ipsec, /etc/config/swanctl, /etc/causeway/causeway.conf that
                               holds an enabled remote
  --format KIND                uci, ipsec.conf, swanctl.conf or vpncfg, when the content does not tell
  --check-config               Say in words what the file means, and end: 0 usable, 1 an error in what was
                               read, 2 it cannot be opened or is of no kind that is known
  --verbose                    With --check-config: show the notes as well
  --control PATH               Control socket, which `causeway` talks to ()" CAUSEWAY_RUN_DIR
    R"(/causeway/control.sock)
  -D, --daemonize              Go to the background once everything stands; log to syslog
  --pid-file FILE              Write the process number there
  --syslog                     Log to syslog instead of stderr
  --lookup-ceiling SECONDS     Look names up at least this often (1 to 86400)
  --accept-either-mode         Answer every peer in Main and in Aggressive Mode, as a FRITZ!Box does; without it only
                               in the mode that is configured
  --tun NAME                   Name of the TUN device (causeway0)
  --firewall WHOSE             Whose rules let IKE, ESP and the tunnels through: auto, fw4, nftables, iptables or
                               off; before what the file says
  --zone NAME                  The zone of fw4 that has the TUN device; before what the file says
  --dataplane WHO              Who carries the tunnels' packets: auto, kernel or userspace; before what the file says
  --offload-tun WISH           Packets inside the tunnels pass the kernel many as one: auto, on or off; before what
                               the file says
  --offload-udp-send WISH      ESP in UDP is sent so
  --offload-udp-receive WISH   ESP in UDP arrives so
  --metrics-file FILE          Write the state of all connections there every 15 seconds, for Prometheus' textfile
                               collector; before what the file says
  --control-group GROUP        Its members may ask at the control socket, and change nothing; before what the file says
  --no-path-probe              Never ask a peer by padded messages how large a packet the path carries
)";

/// What getopt_long() returns: a letter where an option has one.
enum Letter : int {
    opt_daemonize = 'D',
    opt_help = 'h',
    opt_config = 256,
    opt_format,
    opt_check_config,
    opt_verbose,
    opt_control,
    opt_pid_file,
    opt_syslog,
    opt_lookup_ceiling,
    opt_accept_either_mode,
    opt_tun,
    opt_firewall,
    opt_zone,
    opt_dataplane,
    opt_offload_tun,
    opt_offload_udp_send,
    opt_offload_udp_receive,
    opt_metrics_file,
    opt_control_group,
    opt_no_path_probe,
    opt_version,
};

constexpr option long_options[] = {
    {"help", no_argument, nullptr, opt_help},
    {"version", no_argument, nullptr, opt_version},
    {"config", required_argument, nullptr, opt_config},
    {"format", required_argument, nullptr, opt_format},
    {"check-config", no_argument, nullptr, opt_check_config},
    {"verbose", no_argument, nullptr, opt_verbose},
    {"control", required_argument, nullptr, opt_control},
    {"daemonize", no_argument, nullptr, opt_daemonize},
    {"pid-file", required_argument, nullptr, opt_pid_file},
    {"syslog", no_argument, nullptr, opt_syslog},
    {"lookup-ceiling", required_argument, nullptr, opt_lookup_ceiling},
    {"accept-either-mode", no_argument, nullptr, opt_accept_either_mode},
    {"tun", required_argument, nullptr, opt_tun},
    {"firewall", required_argument, nullptr, opt_firewall},
    {"zone", required_argument, nullptr, opt_zone},
    {"dataplane", required_argument, nullptr, opt_dataplane},
    {"offload-tun", required_argument, nullptr, opt_offload_tun},
    {"offload-udp-send", required_argument, nullptr, opt_offload_udp_send},
    {"offload-udp-receive", required_argument, nullptr, opt_offload_udp_receive},
    {"metrics-file", required_argument, nullptr, opt_metrics_file},
    {"control-group", required_argument, nullptr, opt_control_group},
    {"no-path-probe", no_argument, nullptr, opt_no_path_probe},
    {nullptr, 0, nullptr, 0},
};

Result<> set_format(Options& options, std::string_view word) {
    options.format = config::format_named(word);
    if (!options.format) {
        return fail(Errc::unsupported, fmt::format("--format is {}, not '{}'", config::format_names(), word));
    }
    return {};
}

Result<> set_ceiling(Options& options, std::string_view word) {
    unsigned seconds = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seconds);
    if (error != std::errc() || end != word.data() + word.size() || seconds < 1 || seconds > 86400) {
        return fail(Errc::malformed, fmt::format("--lookup-ceiling is 1 to 86400 seconds, not '{}'", word));
    }
    options.lookup_ceiling = std::chrono::seconds(seconds);
    return {};
}

Result<> set_tun(Options& options, std::string_view word) {
    if (word.empty() || word.size() > 15 || word.find_first_of("/ \t") != std::string_view::npos) {
        return fail(
            Errc::malformed,
            fmt::format("--tun: a device name has 1 to 15 characters, no slash and no space, unlike '{}'",
                        word));
    }
    options.tun = word;
    return {};
}

Result<> set_firewall(Options& options, std::string_view word) {
    options.firewall = config::firewall_named(word);
    if (!options.firewall) {
        return fail(Errc::unsupported,
                    fmt::format("--firewall is {}, not '{}'", config::firewall_names, word));
    }
    return {};
}

Result<> set_offload(std::optional<OffloadWish>& wish, std::string_view option, std::string_view word) {
    wish = offload_wish_named(word);
    if (!wish) {
        return fail(Errc::unsupported, fmt::format("{} is {}, not '{}'", option, offload_wish_names, word));
    }
    return {};
}

Result<> set_data_plane(Options& options, std::string_view word) {
    options.data_plane = data_plane_named(word);
    if (!options.data_plane) {
        return fail(Errc::unsupported, fmt::format("--dataplane is {}, not '{}'", data_plane_names, word));
    }
    return {};
}

Result<> set_metrics_file(Options& options, std::string_view word) {
    if (!config::is_absolute_path(word)) {
        return fail(Errc::malformed,
                    fmt::format("--metrics-file is {}, not '{}'", config::absolute_path_words, word));
    }
    options.metrics_file = word;
    return {};
}

Result<> set_control_group(Options& options, const std::string& word) {
    if (!control::group_named(word)) {
        return fail(Errc::not_found, fmt::format("--control-group: this machine has no group '{}'", word));
    }
    options.control_group = word;
    return {};
}

/// What getopt_long() read: one option with its value.
Result<> take(Options& options, int letter, const char* value) {
    switch (letter) {
        case opt_config:
            options.config_file = value;
            return {};
        case opt_format:
            return set_format(options, value);
        case opt_verbose:
            options.verbose = true;
            return {};
        case opt_check_config:
            options.check_config = true;
            return {};
        case opt_control:
            options.control_path = value;
            return {};
        case opt_daemonize:
            options.daemonize = true;
            return {};
        case opt_pid_file:
            options.pid_file = value;
            return {};
        case opt_syslog:
            options.syslog = true;
            return {};
        case opt_lookup_ceiling:
            return set_ceiling(options, value);
        case opt_accept_either_mode:
            options.accept_either_mode = true;
            return {};
        case opt_tun:
            return set_tun(options, value);
        case opt_firewall:
            return set_firewall(options, value);
        case opt_zone:
            options.zone = value;
            return {};
        case opt_dataplane:
            return set_data_plane(options, value);
        case opt_offload_tun:
            return set_offload(options.offload_tun, "--offload-tun", value);
        case opt_offload_udp_send:
            return set_offload(options.offload_udp_send, "--offload-udp-send", value);
        case opt_offload_udp_receive:
            return set_offload(options.offload_udp_receive, "--offload-udp-receive", value);
        case opt_metrics_file:
            return set_metrics_file(options, value);
        case opt_control_group:
            return set_control_group(options, value);
        case opt_no_path_probe:
            options.probe_path = false;
            return {};
        default:
            break;
    }
    return fail(Errc::unsupported, "an option of no effect");
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv, const std::string& version) {
    ParsedOptions parsed;
    const auto refuse = [&parsed](std::string_view why) {
        std::fputs(fmt::format("causewayd: {}; --help lists the options\n", why).c_str(), stderr);
        parsed.exit = exit_code::usage;
        return parsed;
    };
    ::opterr = 0;
    ::optind = 1;
    for (;;) {
        const int at = ::optind;
        const int letter = ::getopt_long(argc, argv, "+:Dh", long_options, nullptr);
        if (letter == -1) {
            break;
        }
        if (letter == ':') {
            return refuse(fmt::format("{} needs a value", argv[at]));
        }
        if (letter == '?') {
            return refuse(fmt::format("unknown option '{}'", argv[at]));
        }
        if (letter == opt_help || letter == opt_version) {
            std::fputs(letter == opt_help ? std::string(help).c_str()
                                          : fmt::format("causeway {}\n", version).c_str(),
                       stdout);
            parsed.exit = exit_code::done;
            return parsed;
        }
        if (auto taken = take(parsed.options, letter, ::optarg); !taken) {
            return refuse(taken.error().text());
        }
    }
    if (parsed.options.verbose && !parsed.options.check_config) {
        return refuse("--verbose goes with --check-config; how much is logged, 'option debug' says");
    }
    if (::optind < argc) {
        return refuse(fmt::format("unexpected argument '{}'", argv[::optind]));
    }
    return parsed;
}

}  // namespace causeway::daemon
