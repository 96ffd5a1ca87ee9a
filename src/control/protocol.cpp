#include "control/protocol.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <type_traits>
#include <utility>

#include "control/history_json.hpp"
#include "control/status_json.hpp"

namespace causeway::control {
namespace {

constexpr std::array levels{Level::debug, Level::info, Level::notice, Level::warning, Level::error};

/// What the field "command" can say, and the request each word makes.
const std::array<std::pair<std::string_view, Request>, 9> commands{{
    {"version", AskVersion{}},
    {"status", AskStatus{}},
    {"up", Up{}},
    {"down", Down{}},
    {"reload", ReloadConfiguration{}},
    {"stop", Stop{}},
    {"log-level", SetLogLevel{}},
    {"firewall", AskFirewall{}},
    {"history", AskHistory{}},
}};

Result<> check_name(const std::string& name) {
    if (name.size() > max_name_octets) {
        return fail(Errc::limit,
                    fmt::format("the name has {} octets; {} is the most", name.size(), max_name_octets));
    }
    // It is going to stand in log lines and in replies.
    const bool harmless = std::none_of(
        name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!harmless) {
        return fail(Errc::malformed, "the name holds control characters");
    }
    return {};
}

/// Up and Down have the same fields.
template <class Command>
Result<Command> read_wish(Reader& reader) {
    Command command;
    reader.field("name", command.name);
    reader.field("wait", command.wait);
    reader.field("timeout", command.timeout_seconds);
    CAUSEWAY_CHECK(check_name(command.name));
    if (command.timeout_seconds > max_timeout_seconds) {
        return fail(Errc::limit, fmt::format("a timeout of {} s is too long; {} s is the most",
                                             command.timeout_seconds, max_timeout_seconds));
    }
    return command;
}

Result<SetLogLevel> read_level(Reader& reader) {
    std::string word;
    reader.field("level", word);
    const auto* const found =
        std::find_if(levels.begin(), levels.end(), [&](Level level) { return level_name(level) == word; });
    if (found == levels.end()) {
        return fail(Errc::unsupported, fmt::format("unknown log level '{}'", printable(word, 32)));
    }
    return SetLogLevel{*found};
}

constexpr std::array<std::pair<AskFirewall::Action, std::string_view>, 3> firewall_actions{
    {{AskFirewall::Action::show, "show"},
     {AskFirewall::Action::apply, "apply"},
     {AskFirewall::Action::remove, "remove"}}};

Result<AskFirewall> read_firewall(Reader& reader) {
    std::string word;
    reader.field("action", word);
    const auto* const found = std::find_if(firewall_actions.begin(), firewall_actions.end(),
                                           [&](const auto& one) { return one.second == word; });
    if (found == firewall_actions.end()) {
        return fail(Errc::unsupported, fmt::format("the firewall's action is show, apply or remove, not '{}'",
                                                   printable(word, 32)));
    }
    return AskFirewall{found->first};
}

Result<AskHistory> read_history(Reader& reader) {
    AskHistory asked;
    reader.field("name", asked.name);
    reader.field("hours", asked.hours);
    CAUSEWAY_CHECK(check_name(asked.name));
    if (asked.hours < 1 || asked.hours > history::max_hours) {
        return fail(Errc::limit, fmt::format("a history of {} hours; 1 to {} are possible", asked.hours,
                                             history::max_hours));
    }
    return asked;
}

bool is_known_exit(int exit) {
    return exit >= static_cast<int>(Exit::done) && exit <= static_cast<int>(Exit::timed_out);
}

}  // namespace

std::string_view name_of(const Request& request) {
    const auto* const found = std::find_if(commands.begin(), commands.end(), [&](const auto& command) {
        return command.second.index() == request.index();
    });
    return found->first;
}

std::string encode(const Request& request) {
    Writer writer;
    writer.field("command", name_of(request));
    std::visit(
        [&](const auto& command) {
            using Command = std::decay_t<decltype(command)>;
            if constexpr (std::is_same_v<Command, Up> || std::is_same_v<Command, Down>) {
                if (!command.name.empty()) {
                    writer.field("name", command.name);
                }
                writer.field("wait", command.wait);
                writer.field("timeout", command.timeout_seconds);
            } else if constexpr (std::is_same_v<Command, SetLogLevel>) {
                writer.field("level", level_name(command.level));
            } else if constexpr (std::is_same_v<Command, AskFirewall>) {
                const auto* const at =
                    std::find_if(firewall_actions.begin(), firewall_actions.end(),
                                 [&](const auto& one) { return one.first == command.action; });
                writer.field("action", at->second);
            } else if constexpr (std::is_same_v<Command, AskHistory>) {
                if (!command.name.empty()) {
                    writer.field("name", command.name);
                }
                writer.field("hours", command.hours);
            } else if constexpr (std::is_same_v<Command, Stop>) {
                writer.field("stay_closed", command.stay_closed);
            }
        },
        request);
    return writer.take() + '\n';
}

Result<Request> parse_request(std::string_view line) {
    if (line.size() > max_request_octets) {
        return fail(Errc::limit,
                    fmt::format("a request of {} octets; {} is the most", line.size(), max_request_octets));
    }
    const Json json = CAUSEWAY_TRY(parse_object(line));
    Reader reader(json);
    std::string word;
    reader.field("command", word);
    if (reader.error().empty() && word.empty()) {
        return fail(Errc::malformed, "the request names no command");
    }
    const auto* const command = std::find_if(commands.begin(), commands.end(),
                                             [&](const auto& candidate) { return candidate.first == word; });
    if (reader.error().empty() && command == commands.end()) {
        return fail(Errc::unsupported, fmt::format("unknown command '{}'", printable(word, 32)));
    }
    Result<Request> request = fail(Errc::malformed, "");
    if (command != commands.end()) {
        request = command->second;
        if (std::holds_alternative<Up>(*request)) {
            request = read_wish<Up>(reader);
        } else if (std::holds_alternative<Down>(*request)) {
            request = read_wish<Down>(reader);
        } else if (std::holds_alternative<SetLogLevel>(*request)) {
            request = read_level(reader);
        } else if (std::holds_alternative<AskFirewall>(*request)) {
            request = read_firewall(reader);
        } else if (std::holds_alternative<AskHistory>(*request)) {
            request = read_history(reader);
        } else if (std::holds_alternative<Stop>(*request)) {
            Stop stop;
            reader.field("stay_closed", stop.stay_closed);
            request = stop;
        }
    }
    if (!reader.error().empty()) {
        return fail(Errc::malformed, reader.error());
    }
    return request;
}

std::string encode(const Reply& reply) {
    Writer writer;
    writer.field("protocol", protocol_version);
    writer.field("ok", reply.ok());
    writer.field("exit", static_cast<int>(reply.exit));
    if (reply.more) {
        writer.field("more", true);
    }
    if (!reply.message.empty()) {
        writer.field("message", reply.message);
    }
    if (!reply.details.empty()) {
        writer.field("details", reply.details);
    }
    if (!reply.version.empty()) {
        writer.field("version", reply.version);
    }
    if (reply.history) {
        writer.text("history", to_json(*reply.history));
    }
    // The last of all, as its peers are in it: ReplyParts and StatusLine cut the line here.
    if (reply.status) {
        writer.text("status", to_json(*reply.status));
    }
    return writer.take() + '\n';
}

Result<Reply> parse_reply(std::string_view line) {
    const Json json = CAUSEWAY_TRY(parse_object(line));
    Reader reader(json);
    std::optional<int> protocol;
    std::optional<int> exit;
    Reply reply;
    reader.field("protocol", protocol);
    reader.field("exit", exit);
    reader.field("more", reply.more);
    reader.field("message", reply.message);
    reader.field("details", reply.details);
    reader.field("version", reply.version);
    if (!reader.error().empty()) {
        return fail(Errc::malformed, reader.error());
    }
    if (!protocol || !exit || !is_known_exit(*exit)) {
        return fail(Errc::malformed, "no reply of causewayd");
    }
    if (*protocol != protocol_version) {
        return fail(Errc::unsupported, fmt::format("the daemon speaks control protocol {}, this tool {}",
                                                   *protocol, protocol_version));
    }
    reply.exit = static_cast<Exit>(*exit);
    if (const auto status = json.find("status"); status != json.end()) {
        reply.status = CAUSEWAY_TRY(status_of(*status));
    }
    if (const auto history = json.find("history"); history != json.end()) {
        reply.history = CAUSEWAY_TRY(history_of(*history));
    }
    return reply;
}

Reply refusal(const Error& error) {
    Reply reply;
    reply.exit = Exit::unusable;
    reply.message = error.text();
    return reply;
}

std::optional<Reply> refuse_unknown(std::string_view name, const config::Model& model) {
    std::string known;
    for (const config::Peer& peer : model.peers) {
        if (name.empty() || name == peer.name) {
            return {};
        }
        for (const config::Tunnel& tunnel : peer.tunnels) {
            if (name == tunnel.name || name == tunnel.display_name) {
                return {};
            }
            known += (known.empty() ? "" : ", ") + tunnel.display_name;
        }
    }
    if (name.empty()) {
        return {};
    }
    Reply reply;
    reply.exit = Exit::unusable;
    reply.message = fmt::format("no connection is called '{}'; {}", printable(name),
                                known.empty() ? "none is configured" : "configured: " + known);
    return reply;
}

}  // namespace causeway::control
