// The control protocol as values: one JSON object a line, requests one way, replies the other, over a Unix
// stream socket. Used by the daemon's server and by the tool. Pure: no socket, no clock, no file here.
//
// A connection carries any number of requests, answered in order, the next one when the answer before has left. Every request has
// one final reply; replies before it carry "more": true and report progress. With "wait", `up` and `down` get their final reply
// when the outcome is known or `timeout` has passed. After the reply to `stop` the daemon keeps the connection
// open until it has cleaned up: its end of file is the sign that it has gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/event.hpp"
#include "base/result.hpp"
#include "config/model.hpp"
#include "control/exit.hpp"
#include "control/status.hpp"
#include "history/history.hpp"

namespace causeway::control {

/// Raised when an old tool could misunderstand a reply; added fields do not raise it.
inline constexpr int protocol_version = 1;
/// Longest request line: a name and a few words need far less.
inline constexpr std::size_t max_request_octets = 64 * 1024;
/// Longest reply line: a status of ten thousand peers has 30 MB, and one whose tunnels are all down twice as much.
inline constexpr std::size_t max_reply_octets = 64 * 1024 * 1024;
/// Waiting beyond a day is a slip of the pen.
inline constexpr unsigned max_timeout_seconds = 86400;
inline constexpr unsigned default_timeout_seconds = 60;
/// Longest connection name taken.
inline constexpr std::size_t max_name_octets = 256;

struct AskVersion {
    friend bool operator==(AskVersion, AskVersion) = default;
};
struct AskStatus {
    friend bool operator==(AskStatus, AskStatus) = default;
};
/// A tunnel, a peer or, empty, everything.
struct Up {
    std::string name;
    bool wait = true;
    unsigned timeout_seconds = default_timeout_seconds;
    friend bool operator==(const Up&, const Up&) = default;
};
struct Down {
    std::string name;
    bool wait = true;
    unsigned timeout_seconds = default_timeout_seconds;
    friend bool operator==(const Down&, const Down&) = default;
};
/// Reads the configuration file again; what did not change stays up.
struct ReloadConfiguration {
    friend bool operator==(ReloadConfiguration, ReloadConfiguration) = default;
};
/// Deletes are sent, routes and guards removed, the process ends. With `stay_closed` the guards and the
/// unreachable routes stay for the daemon that follows: nothing leaves in clear in between.
struct Stop {
    bool stay_closed = false;
    friend bool operator==(Stop, Stop) = default;
};
/// Until the next reload or restart.
struct SetLogLevel {
    Level level = Level::info;
    friend bool operator==(SetLogLevel, SetLogLevel) = default;
};

/// What became of a tunnel or a peer over the last hours; empty: of all. The connections come in several replies, those
/// before the last with "more"; the rest of the history is in each of them.
struct AskHistory {
    std::string name;
    std::uint64_t hours = history::default_hours;
    friend bool operator==(const AskHistory&, const AskHistory&) = default;
};

/// What the firewall lets through for the tunnels: said, placed again, or taken away until the next reload.
struct AskFirewall {
    enum class Action { show, apply, remove };
    Action action = Action::show;
    friend bool operator==(AskFirewall, AskFirewall) = default;
};

using Request = std::variant<AskVersion, AskStatus, Up, Down, ReloadConfiguration, Stop, SetLogLevel,
                             AskFirewall, AskHistory>;

/// "status", "up": the word of the field "command"; also for the log.
std::string_view name_of(const Request& request);

/// One line, with its newline.
std::string encode(const Request& request);
/// A line without its newline. Unknown fields are ignored; an unknown command is refused by name.
Result<Request> parse_request(std::string_view line);

struct Reply {
    Exit exit = Exit::done;
    std::string message;                        ///< a sentence for the person who asked; may be empty
    std::vector<std::string> details;           ///< further sentences: remarks on a reload, for example
    bool more = false;                          ///< another reply to the same request follows
    std::string version;                        ///< answer to AskVersion
    std::optional<Status> status;               ///< answer to AskStatus
    std::optional<history::History> history{};  ///< answer to AskHistory, or a part of it

    [[nodiscard]] bool ok() const { return exit == Exit::done; }
    friend bool operator==(const Reply&, const Reply&) = default;
};

/// One line, with its newline.
std::string encode(const Reply& reply);
/// A line without its newline. Errors: malformed (not ours, or cut off), unsupported (another protocol
/// version).
Result<Reply> parse_reply(std::string_view line);

/// The reply to a line that parse_request refused.
Reply refusal(const Error& error);
/// The reply when `name` is neither a tunnel (by either name) nor a peer of the model: nothing when it is
/// one, or empty.
std::optional<Reply> refuse_unknown(std::string_view name, const config::Model& model);

}  // namespace causeway::control
