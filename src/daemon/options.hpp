// causewayd's command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/data_plane.hpp"
#include "base/offload.hpp"
#include "base/time.hpp"
#include "config/load.hpp"
#include "config/model.hpp"

namespace causeway::daemon {

/// How causewayd ends; causewayd(8) documents the same numbers.
namespace exit_code {
inline constexpr int done = 0;
inline constexpr int configuration = 1;    ///< an error in what was read
inline constexpr int usage = 2;            ///< the command line is wrong, or the file cannot be used: Verdict
inline constexpr int machine = 3;          ///< rights, ports, TUN: the system refuses
inline constexpr int already_running = 4;  ///< another causewayd has the control socket
}  // namespace exit_code

struct Options {
    std::string config_file;  ///< empty: the first of config::default_files that holds an enabled remote
    std::uint8_t config_number = 0;  ///< of that one among them, from 1 on; 0: the command line names one
    std::vector<std::string> passed_over;  ///< default files behind it that hold one too
    std::optional<config::Format> format;
    bool check_config = false;
    bool verbose = false;
    std::string control_path = CAUSEWAY_RUN_DIR "/causeway/control.sock";
    bool daemonize = false;
    std::string pid_file;
    bool syslog = false;
    std::optional<Duration> lookup_ceiling;
    bool accept_either_mode = false;
    std::string tun = "causeway0";
    std::optional<config::Firewall> firewall;  ///< before what the file says
    std::optional<std::string> zone;           ///< likewise
    std::optional<DataPlaneKind> data_plane;   ///< likewise, and these three
    std::optional<OffloadWish> offload_tun;
    std::optional<OffloadWish> offload_udp_send;
    std::optional<OffloadWish> offload_udp_receive;
    std::optional<std::string> metrics_file;   ///< before what the file says
    std::optional<std::string> control_group;  ///< likewise; it is there
    bool probe_path = true;                    ///< false: never, whatever the file says
};

/// The options, or the exit status when the program is to end at once (help, version, a mistake); what is to
/// be said was said.
struct ParsedOptions {
    Options options;
    std::optional<int> exit;
};
ParsedOptions parse_options(int argc, char** argv, const std::string& version);

}  // namespace causeway::daemon
