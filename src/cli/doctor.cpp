#include "cli/doctor.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "cli/ask_names.hpp"
#include "cli/client.hpp"
#include "cli/doctor_json.hpp"
#include "cli/look_around.hpp"
#include "cli/ping.hpp"
#include "cli/status_text.hpp"
#include "cli/talk.hpp"
#include "cli/wrap.hpp"
#include "config/default_file.hpp"
#include "config/load.hpp"
#include "control/configuration_file.hpp"
#include "control/protocol.hpp"
#include "doctor/bundle.hpp"
#include "doctor/examination.hpp"
#include "doctor/gateways.hpp"
#include "doctor/judge.hpp"
#include "doctor/ping_plan.hpp"
#include "doctor/stand_in.hpp"
#include "doctor/words.hpp"
#include "status/told.hpp"

namespace causeway::cli {
namespace {

using doctor::Examination;

constexpr std::chrono::seconds patience{10};

Outcome<control::Status> ask_status(const std::string& path) {
    auto reply = ask(path, control::AskStatus{}, patience);
    if (!reply) {
        return tl::unexpected<Failure>(reply.error());
    }
    if (!reply->ok() || !reply->status) {
        return failure(reply->ok() ? Exit::unusable : reply->exit, reply->message.empty()
                                                                       ? "causewayd answered without a status"
                                                                       : printable(reply->message, 4096));
    }
    return std::move(*reply->status);
}

/// The file that a daemon would read.
std::string default_file() {
    std::vector<config::Candidate> candidates;
    for (const auto file : config::default_files) {
        const std::string path(file);
        if (::access(path.c_str(), F_OK) == 0) {
            auto text = control::read_file(path, config::max_text);
            candidates.push_back({path, text ? std::optional(std::move(*text)) : std::nullopt});
        }
    }
    const auto chosen = config::choose_file(candidates);
    return chosen ? chosen->path : std::string();
}

/// What there is to say of the file, and what it asks for.
void read_configuration(Examination& seen, const std::string& named) {
    seen.file.path = named.empty() ? default_file() : named;
    if (seen.file.path.empty()) {
        return;
    }
    const auto refuse = [&](const Error& error) {
        seen.file.refused = status::told(finding<FindingId::file_unusable>(
            error.place, field<"what">(error.what), field<"remedy">(error.remedy)));
    };
    const auto text = control::read_file(seen.file.path, config::max_text);
    if (!text) {
        return refuse(text.error());
    }
    const auto model = config::load(*text, seen.file.path);
    if (!model) {
        return refuse(model.error());
    }
    for (const Finding& one : model->findings) {
        if (one.severity != Severity::note) {
            seen.file.findings.push_back(status::told(one));
        }
    }
    seen.status = doctor::stand_in(*model);
}

/// Only what was asked for.
Outcome<> narrow(Examination& seen, const std::string& name) {
    seen.connection = without_number(name);
    auto selected = select(seen.status, seen.connection);
    if (!selected) {
        const std::string known = known_names(seen.status);
        return failure(Exit::unusable,
                       fmt::format("no connection is called '{}'; {}", printable(seen.connection),
                                   known.empty() ? "none is configured" : "configured: " + known));
    }
    seen.status = std::move(*selected);
    return {};
}

/// From the daemon, else from the file.
Outcome<Examination> begin(const Arguments& arguments, const std::string& control) {
    Examination seen;
    auto status = ask_status(control);
    if (!status && status.error().exit != Exit::not_running) {
        return tl::unexpected<Failure>(status.error());
    }
    seen.running = status.has_value();
    if (status) {
        seen.status = std::move(*status);
        if (const auto reply =
                ask(control, control::AskFirewall{control::AskFirewall::Action::show}, patience)) {
            seen.firewall = reply->message == "off" ? "" : printable(reply->message);
        }
    } else {
        seen.not_running = status.error().what;
        read_configuration(seen, arguments.config);
    }
    // Where the file is refused nobody knows which connections there are.
    if (!arguments.word.empty() && (seen.running || !seen.status.engine.peers.empty())) {
        if (auto narrowed = narrow(seen, arguments.word); !narrowed) {
            return tl::unexpected<Failure>(narrowed.error());
        }
    }
    return seen;
}

std::vector<IpAddress> peers_of(const Examination& seen) {
    std::vector<IpAddress> peers;
    for (const auto& [name, answer] : seen.names) {
        peers.insert(peers.end(), answer.addresses.begin(), answer.addresses.end());
    }
    for (const auto& peer : seen.status.engine.peers) {
        for (const auto& gateway : doctor::gateways_of(peer)) {
            if (const auto literal = IpAddress::parse(gateway)) {
                peers.push_back(*literal);
            }
        }
        for (const auto& sa : peer.ike_sas) {
            peers.push_back(sa.remote.address);
        }
    }
    std::erase_if(peers, [](const IpAddress& one) { return one.is_no_host(); });
    return peers;
}

void ask_for_names(Examination& seen) {
    std::vector<std::string> names;
    for (const auto& peer : seen.status.engine.peers) {
        for (auto& gateway : doctor::gateways_of(peer)) {
            if (gateway != doctor::anywhere && !IpAddress::parse(gateway)) {
                names.push_back(std::move(gateway));
            }
        }
        if (!peer.own_name.empty()) {
            names.push_back(peer.own_name);
        }
    }
    for (auto& [name, answer] : ask_names(names)) {
        seen.names.emplace(name, doctor::NameAnswer{answer.addresses, answer.error, answer.asked});
    }
}

Outcome<IpAddress> host_to_ping(const std::string& host) {
    if (const auto literal = IpAddress::parse(host)) {
        return *literal;
    }
    const auto answers = ask_names({host});
    const auto& answer = answers.at(host);
    const auto v4 = std::ranges::find_if(answer.addresses, &IpAddress::is_v4);
    if (v4 == answer.addresses.end()) {
        return failure(Exit::unusable, fmt::format("--ping: '{}' has no IPv4 address{}", printable(host),
                                                   answer.error.empty() ? "" : ": " + answer.error));
    }
    return *v4;
}

/// Pings, and asks the daemon once more: its counters have seen it then.
Outcome<> ping_host(Examination& seen, const std::string& host, const std::string& control) {
    const auto address = host_to_ping(host);
    if (!address) {
        return tl::unexpected<Failure>(address.error());
    }
    const auto plan = doctor::plan_ping(seen, *address);
    if (plan.local.empty()) {
        return failure(Exit::unusable, fmt::format("--ping: {} is in no remote network of these tunnels ({})",
                                                   address->text(), fmt::join(plan.networks, ", ")));
    }
    if (!plan.source) {
        seen.no_source = plan.local;
        return {};
    }
    seen.ping = ping(*address, *plan.source);
    seen.ping->host = host;
    if (auto status = ask_status(control)) {
        seen.status = std::move(*status);
        return seen.connection.empty() ? Outcome<>() : narrow(seen, seen.connection);
    }
    return {};
}

Outcome<Examination> examine(const Arguments& arguments, const std::string& control) {
    auto seen = begin(arguments, control);
    if (!seen) {
        return seen;
    }
    ask_for_names(*seen);
    look_around(*seen, peers_of(*seen));
    if (!arguments.ping.empty() && seen->running) {
        if (const auto pinged = ping_host(*seen, arguments.ping, control); !pinged) {
            return tl::unexpected<Failure>(pinged.error());
        }
    }
    return seen;
}

/// By the locale (POSIX 8.2: the first of these that is set counts).
bool shows_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* const value = std::getenv(name);
        if (value != nullptr && *value != '\0') {
            const std::string_view locale(value);
            return locale.find("UTF-8") != std::string_view::npos ||
                   locale.find("utf8") != std::string_view::npos;
        }
    }
    return false;
}

}  // namespace

Exit doctor(const Arguments& arguments, const std::string& control) {
    if (arguments.json && arguments.bundle) {
        return complain({Exit::unusable, "--json and --bundle exclude each other"});
    }
    const auto seen = examine(arguments, control);
    if (!seen) {
        return report(seen.error(), arguments.json);
    }
    const auto found = doctor::judge(*seen);
    const auto marks = shows_utf8() ? doctor::marks_in_utf8 : doctor::Marks{};
    const auto columns = terminal_columns(STDOUT_FILENO).value_or(columns_max);
    if (arguments.json) {
        fmt::print("{}\n", to_json(found));
    } else if (arguments.bundle) {
        fmt::print("{}", wrapped(doctor::bundle(*seen, found, marks), columns));
    } else {
        fmt::print("{}\n{}", wrapped(doctor::steps_text(found, marks), columns),
                   wrapped(doctor::verdict_text(found), columns));
    }
    return !seen->running ? Exit::not_running : found.cause() != nullptr ? Exit::no : Exit::done;
}

}  // namespace causeway::cli
