// The words of the tool's command line: which commands and options there are, how they are read, and the help
// that tells of them. Pure. Called by the command line only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.hpp"
#include "base/result.hpp"
#include "config/load.hpp"

namespace causeway::cli {

enum class Verb {
    start,
    stop,
    restart,
    status,
    statusall,
    history,
    report,
    metrics,
    up,
    down,
    reload,
    log_level,
    config_show,
    config_check,
    check,
    explain,
    pair,
    convert,
    decode,
    probe,
    doctor,
    firewall_show,
    firewall_apply,
    firewall_remove,
    version,
};

/// What was typed. Values have been checked; which of them a command takes as well.
struct Arguments {
    std::optional<Verb> verb;  ///< none: only help or version is asked for
    std::string word;          ///< NAME, FILE or WHAT; empty: none
    std::string control;       ///< --control; empty: not given
    std::string config;        ///< --config
    std::optional<unsigned> timeout_seconds;
    std::optional<unsigned> auto_update_seconds;
    std::optional<config::Format> format;
    std::string to;      ///< --to; empty: not given
    std::string output;  ///< --output; empty: stdout
    // Of `check`; empty: not given.
    std::string peer;
    std::string secrets;
    std::string peer_secrets;
    std::string firewall;
    std::string network;
    std::string hotplug;
    std::string init;
    std::string box;
    bool kernel_plane = false;  ///< --dataplane kernel
    bool resolve = false;
    // Of `pair`: "name=office.example.org,lan=192.168.1.0/24".
    std::string ours;
    std::string theirs;
    std::string generation;              ///< --generation; empty: g0
    std::string sites;                   ///< --sites
    bool ask = false;                    ///< --ask
    std::string aggressive;              ///< --aggressive, of `probe`: an identity; empty: not given
    std::optional<std::uint16_t> port;   ///< --port, of `probe`
    std::string ping;                    ///< --ping, of `doctor`; empty: not given
    bool mask_addresses = false;         ///< --mask-addresses, of `report`
    bool bundle = false;                 ///< --bundle, of `doctor`
    std::optional<std::uint64_t> hours;  ///< --hours, of `history` and `report`
    bool mirror = false;                 ///< --mirror, of `convert`
    bool force = false;
    Level level = Level::info;
    bool json = false;
    bool nagios = false;
    bool no_wait = false;
    bool nofork = false;
    bool verbose = false;
    bool help = false;
    bool own_version = false;  ///< --version
};

/// Reads what follows the program's name. An error is one sentence that names the word which does not fit.
Result<Arguments> read_arguments(std::span<const std::string> words);

/// Of one command, or of the program, under the name it was called by.
std::string help_text(std::optional<Verb> verb, std::string_view program);

}  // namespace causeway::cli
