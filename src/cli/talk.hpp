// The commands that ask a running daemon: they send one request, print the answer, and return the exit
// status. Called by the command line only.
#pragma once

#include <optional>
#include <string>

#include "base/event.hpp"
#include "cli/failure.hpp"
#include "control/protocol.hpp"

namespace causeway::cli {

/// Where the daemon listens when --control does not say.
inline constexpr const char* default_control_path = CAUSEWAY_RUN_DIR "/causeway/control.sock";

/// What every command about the daemon takes.
struct TalkOptions {
    std::string control = default_control_path;
    bool json = false;
    std::optional<unsigned> timeout_seconds;
    bool as_ipsec = false;  ///< called by that name: for eyes and scripts that know strongSwan's output
};

/// What the daemon says of the connection that is called so, or of all.
Outcome<control::Status> ask_status(const TalkOptions& options, const std::string& name);

/// Prints the failure to stderr, as JSON to stdout as well when asked for.
Exit report(const Failure& failure, bool json);

enum class StatusKind { brief, all };
Exit status(const TalkOptions& options, const std::string& name, StatusKind kind);
/// The line of a monitoring plugin, and its exit status (nagios.hpp), which is none of the tool's others.
Exit nagios(const TalkOptions& options, const std::string& name);
/// The same where the words of the command line do not fit.
Exit nagios_misused(const std::string& why);
Exit up(const TalkOptions& options, const std::string& name, bool wait);
Exit down(const TalkOptions& options, const std::string& name, bool wait);
Exit reload(const TalkOptions& options);
Exit log_level(const TalkOptions& options, Level level);
Exit firewall(const TalkOptions& options, control::AskFirewall::Action action);
/// Both programs' versions. A daemon that does not run is no failure.
Exit version(const TalkOptions& options, const std::string& own_version);

/// "net", from the forms that strongSwan's users type: "net{3}", "net[12]", "net{*}".
std::string without_number(const std::string& name);

}  // namespace causeway::cli
