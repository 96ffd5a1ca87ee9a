// Which commands and options the tool has, what each command takes, and what help says of them: the tables. Used by the
// command line's reader only.
#pragma once

#include <array>
#include <cstdint>

#include "cli/arguments.hpp"

namespace causeway::cli {

/// Which options a command takes, a bit each.
using Options = std::uint64_t;
enum Option : Options {
    opt_json = Options{1} << 0U,
    opt_timeout = Options{1} << 1U,
    opt_no_wait = Options{1} << 2U,
    opt_format = Options{1} << 3U,
    opt_config = Options{1} << 4U,
    opt_auto_update = Options{1} << 5U,
    opt_nofork = Options{1} << 6U,
    opt_control = Options{1} << 7U,
    opt_help = Options{1} << 8U,
    opt_version = Options{1} << 9U,
    opt_to = Options{1} << 10U,
    opt_output = Options{1} << 11U,
    opt_force = Options{1} << 12U,
    opt_verbose = Options{1} << 13U,
    opt_peer = Options{1} << 14U,
    opt_secrets = Options{1} << 15U,
    opt_peer_secrets = Options{1} << 16U,
    opt_firewall = Options{1} << 17U,
    opt_network = Options{1} << 18U,
    opt_hotplug = Options{1} << 19U,
    opt_init = Options{1} << 20U,
    opt_box = Options{1} << 21U,
    opt_dataplane = Options{1} << 22U,
    opt_resolve = Options{1} << 23U,
    opt_ours = Options{1} << 24U,
    opt_theirs = Options{1} << 25U,
    opt_generation = Options{1} << 26U,
    opt_mirror = Options{1} << 27U,
    opt_sites = Options{1} << 28U,
    opt_ask = Options{1} << 29U,
    opt_aggressive = Options{1} << 30U,
    opt_port = Options{1} << 31U,
    opt_ping = Options{1} << 32U,
    opt_bundle = Options{1} << 33U,
    opt_hours = Options{1} << 34U,
    opt_nagios = Options{1} << 35U,
    opt_mask_addresses = Options{1} << 36U,
};
inline constexpr Options always = opt_control | opt_help;

struct OptionRow {
    Option option;
    const char* name;
    const char* value;  ///< what its value is called; null: it takes none
    const char* help;
};

inline constexpr std::array<OptionRow, 38> options{{
    {opt_json, "json", nullptr, "Print JSON, with the keys that causeway(8) lists"},
    {opt_nagios, "nagios", nullptr,
     "Print one line with performance data, and end as a monitoring plugin does (0 to 3)"},
    {opt_timeout, "timeout", "SECONDS", "Wait for the outcome that long, {} unless said otherwise"},
    {opt_no_wait, "no-wait", nullptr, "Do not wait for the outcome"},
    {opt_hours, "hours", "N", "Show so many hours, 24 unless said otherwise; 168 at most"},
    {opt_format, "format", "FORMAT",
     "uci, ipsec.conf, swanctl.conf or vpncfg, when the content does not tell"},
    {opt_to, "to", "FORM",
     "The form to write: uci:g4, which is the default, uci:g0 to g3, vpncfg, swanctl.conf or ipsec.conf"},
    {opt_mirror, "mirror", nullptr, "Write what the other side has to have"},
    {opt_ours, "ours", "SITE", "Our side, as name=office.example.org,lan=192.168.1.0/24"},
    {opt_theirs, "theirs", "SITE",
     "The other side, likewise; kind=fritzbox, strongswan or openwrt may follow"},
    {opt_sites, "sites", "FILE",
     "A hub and its spokes instead of two sides, from a file that causeway(8) describes"},
    {opt_ask, "ask", nullptr, "Ask for what the other options do not say"},
    {opt_generation, "generation", "SCHEMA", "The schema of OpenWrt's file: g0, which is the default, to g4"},
    {opt_output, "output", "FILE", "Write to this file, with mode 600, instead of stdout (also -o)"},
    {opt_mask_addresses, "mask-addresses", nullptr,
     "Put a placeholder in place of each address and name of a host, of a file and of an identity"},
    {opt_force, "force", nullptr, "Replace the file if it exists"},
    {opt_verbose, "verbose", nullptr, "Show the notes as well: what is worth knowing"},
    {opt_peer, "peer", "FILE", "The other side's configuration, of whichever kind"},
    {opt_secrets, "secrets", "FILE", "The ipsec.secrets that belongs to our ipsec.conf, if not beside it"},
    {opt_peer_secrets, "peer-secrets", "FILE", "The same of the other side"},
    {opt_firewall, "firewall", "FILE", "The router's /etc/config/firewall, or its firewall.user"},
    {opt_network, "network", "FILE", "The router's /etc/config/network"},
    {opt_hotplug, "hotplug", "FILE", "The hotplug script that is to keep the tunnel up"},
    {opt_init, "init", "FILE", "The init script that it calls"},
    {opt_box, "box", "MODEL", "The FRITZ!Box at the other end, as 7590@8.02, where its file is not given"},
    {opt_resolve, "resolve", nullptr, "Ask the name server for the names in the files"},
    {opt_dataplane, "dataplane", "PLANE",
     "What carries ESP on our side: userspace (causeway, the default) or kernel (strongSwan)"},
    {opt_aggressive, "aggressive", "ID",
     "Ask for Aggressive Mode as well, as this identity, which the peer and the way to it get to know"},
    {opt_port, "port", "N", "Ask this port in place of 500"},
    {opt_ping, "ping", "HOST",
     "Ping this host of the remote network three times, from our address in the local one"},
    {opt_bundle, "bundle", nullptr, "Print one block to publish: without keys, names and addresses masked"},
    {opt_config, "config", "FILE", "The daemon's configuration file"},
    {opt_config, "conf", "FILE", nullptr},  // strongSwan's name for it
    {opt_auto_update, "auto-update", "SECONDS", "Look names up again after that many seconds at most"},
    {opt_nofork, "nofork", nullptr, "Stay in the foreground"},
    {opt_control, "control", "PATH",
     "The daemon's control socket (" CAUSEWAY_RUN_DIR "/causeway/control.sock)"},
    {opt_help, "help", nullptr, "Print this help and end"},
    {opt_version, "version", nullptr, "Print the version of this tool and end"},
}};

struct CommandRow {
    Verb verb;
    const char* name;      ///< one word, or two
    const char* argument;  ///< null: none; in brackets: may be absent
    Options options;
    unsigned timeout_seconds;  ///< the default
    const char* help;          ///< null: another name of the command above
    const char* argument_help;
};

inline constexpr Options talks = opt_json | opt_timeout;
inline constexpr Options starts = opt_config | opt_auto_update | opt_timeout;
inline constexpr const char* which_tunnel =
    "A tunnel, or a peer for all of its tunnels; everything if absent";

inline constexpr std::array<CommandRow, 30> commands{{
    {Verb::start, "start", nullptr, starts | opt_nofork, 20, "Start the daemon, and wait until it answers",
     nullptr},
    {Verb::start, "starter", nullptr, starts | opt_nofork, 20,
     "The same, under the name that the recipe uses", nullptr},
    {Verb::stop, "stop", nullptr, opt_timeout, 20, "Stop the daemon, and wait until it is gone", nullptr},
    {Verb::restart, "restart", nullptr, starts, 20, "Stop and start; in between nothing leaves in clear",
     nullptr},
    {Verb::status, "status", "[NAME]", talks | opt_nagios, 10, "Show what is up, what is not, and why",
     "Only this tunnel or peer; exit status 1 if it is not up"},
    {Verb::statusall, "statusall", "[NAME]", talks, 10,
     "Show also addresses, configuration, suites, lifetimes and counters",
     "Only this tunnel or peer; exit status 1 if it is not up"},
    {Verb::history, "history", "[NAME]", talks | opt_hours, 10,
     "Show what became of a connection over the last hours, and why", "A tunnel or a peer; all if absent"},
    {Verb::report, "report", nullptr, opt_output | opt_mask_addresses | opt_hours | opt_timeout, 10,
     "Make a page of what is up, what is not, why, and the last hours: one file of HTML", nullptr},
    {Verb::metrics, "metrics", nullptr, opt_timeout, 10, "Print figures as Prometheus reads them", nullptr},
    {Verb::up, "up", "[NAME]", talks | opt_no_wait, 60, "Bring a tunnel up, and wait until it is",
     which_tunnel},
    {Verb::down, "down", "[NAME]", talks | opt_no_wait, 60, "Take a tunnel down, and leave it down",
     which_tunnel},
    {Verb::reload, "reload", nullptr, talks, 10, "Read the configuration again; what did not change stays up",
     nullptr},
    {Verb::reload, "update", nullptr, talks, 10, nullptr, nullptr},
    {Verb::reload, "rereadsecrets", nullptr, talks, 10, nullptr, nullptr},
    {Verb::reload, "rereadall", nullptr, talks, 10, nullptr, nullptr},
    {Verb::log_level, "log-level", "LEVEL", talks, 10, "Change what the daemon logs, until it is reloaded",
     "debug, info, notice, warning or error"},
    {Verb::firewall_show, "firewall show", nullptr, talks, 10,
     "Print the firewall rules in force, and what refuses in spite of them", nullptr},
    {Verb::firewall_apply, "firewall apply", nullptr, talks, 10,
     "Place them again, after somebody has taken them away", nullptr},
    {Verb::firewall_remove, "firewall remove", nullptr, talks, 10,
     "Take away what lets the tunnels through, until the next reload", nullptr},
    {Verb::check, "check", "FILE",
     opt_format | opt_verbose | opt_json | opt_peer | opt_secrets | opt_peer_secrets | opt_firewall |
         opt_network | opt_hotplug | opt_init | opt_box | opt_dataplane | opt_resolve,
     0, "Say whether two sides will connect, and what keeps them from it",
     "Our side's configuration; - for stdin"},
    {Verb::config_show, "config show", "FILE", opt_format | opt_json, 0,
     "Print a file as it was understood, pre-shared keys included", "The file; - for stdin"},
    {Verb::config_check, "config check", "FILE", opt_format | opt_verbose | opt_json, 0,
     "Say what a file means and what is wrong with it, as causewayd does", "The file; - for stdin"},
    {Verb::explain, "explain", "[CODE]", opt_json, 0, "Say what a finding means and how to fix it",
     "The code of a finding, as 'status --json' has it; the list of all if absent"},
    {Verb::pair, "pair", nullptr,
     opt_ours | opt_theirs | opt_box | opt_generation | opt_sites | opt_ask | opt_output | opt_force |
         opt_verbose,
     0, "Make the files of both sides, or of a hub and spokes, with new keys", nullptr},
    {Verb::convert, "convert", "FILE", opt_format | opt_to | opt_mirror | opt_output | opt_force, 0,
     "Write a configuration in the newest form, pre-shared keys included", "The file; - for stdin"},
    {Verb::convert, "config migrate", "FILE", opt_format | opt_to | opt_output | opt_force, 0, nullptr,
     nullptr},
    {Verb::decode, "decode", "WHAT", 0, 0, "Print captured IKE messages in words",
     "A capture file (tcpdump -w), one message in hexadecimal digits, or - for either on stdin"},
    {Verb::probe, "probe", "HOST", opt_json | opt_timeout | opt_aggressive | opt_port, 20,
     "Ask a host what IKE it speaks and which suites it accepts, without a key", "Its name or address"},
    {Verb::doctor, "doctor", "[NAME]", opt_json | opt_bundle | opt_ping | opt_config, 0,
     "Look at all that a tunnel needs, from the ground up, and name the most likely cause",
     "Only this tunnel or peer"},
    {Verb::version, "version", nullptr, talks, 10, "Show the versions of the tool and of the daemon",
     nullptr},
}};

}  // namespace causeway::cli
