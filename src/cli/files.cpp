#include "cli/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "base/place.hpp"
#include "cli/decode.hpp"
#include "cli/descriptor.hpp"
#include "cli/pcap.hpp"
#include "cli/private_file.hpp"
#include "cli/wrap.hpp"
#include "config/convert.hpp"
#include "config/verdict.hpp"
#include "control/checked_file.hpp"
#include "control/configuration_file.hpp"
#include "control/machine_options.hpp"
#include "status/told.hpp"

namespace causeway::cli {
namespace {

/// Captures are held in memory as a whole.
constexpr std::size_t max_capture_octets = std::size_t{256} << 20;

Outcome<std::string> read_file(const std::string& name, std::size_t limit) {
    auto text = control::read_file(name, limit);
    if (!text) {
        return failure(Exit::unusable, text.error().text());
    }
    return std::move(*text);
}

std::string shown_name(const std::string& file) {
    return file == "-" ? "stdin" : file;
}

/// Long lines are broken for a person alone: an editor, grep and a pipe get one line for each finding.
std::string laid_out(std::string text, int descriptor, std::string_view name) {
    const auto columns = terminal_columns(descriptor);
    return columns ? wrapped(text, *columns, name) : text;
}

bool is_file(const std::string& name) {
    struct stat facts {};
    return ::stat(name.c_str(), &facts) == 0;
}

bool is_hex_text(std::string_view text) {
    return octets_of_hex(text).has_value();
}

Exit print_capture(ByteView octets, const std::string& name) {
    const Decoded decoded = decode_capture(octets);
    fmt::print("{}", decoded.text);
    if (!decoded.error) {
        return Exit::done;
    }
    // What was read stands above the complaint also when both go to one terminal or file.
    std::fflush(stdout);
    return complain({Exit::unusable, fmt::format("{}: {}", name, decoded.error->text())});
}

Exit print_hex(std::string_view text, const std::string& name) {
    const auto octets = octets_of_hex(text);
    if (!octets) {
        return complain({Exit::unusable, fmt::format("{}: {}", name, octets.error().text())});
    }
    fmt::print("{}", decode_datagram(*octets));
    return Exit::done;
}

}  // namespace

Exit config_show(const std::string& file, std::optional<config::Format> format, bool json) {
    const auto text = read_file(file, config::max_text);
    if (!text) {
        return complain(text.error());
    }
    const std::string name = shown_name(file);
    const auto shown = json ? config::show_json(*text, name, format) : config::show(*text, name, format);
    if (!shown) {
        return complain({static_cast<Exit>(config::verdict_on(shown.error())), shown.error().text()});
    }
    fmt::print("{}", *shown);
    if (!shown->empty() && shown->back() != '\n') {
        fmt::print("\n");
    }
    return Exit::done;
}

namespace {

/// What there is to say about a file that is refused as a whole.
std::vector<status::Told> told(const Error& refused) {
    auto what = field<"what">(refused.what);
    auto remedy = field<"remedy">(refused.remedy);
    // A file that is not there, or in which no format found a peer (config/formats).
    const bool nothing = refused.code == Errc::not_found || refused.code == Errc::unacceptable;
    return {status::told(nothing ? finding<FindingId::nothing_configured>(refused.place, what, remedy)
                                 : finding<FindingId::file_unusable>(refused.place, what, remedy))};
}

std::vector<status::Told> told(const config::Model& model, const std::vector<std::string>& about_file) {
    std::vector<status::Told> all;
    for (const auto& one : model.findings) {
        all.push_back(status::told(one));
    }
    for (const auto& what : about_file) {
        const Place whole{FileName(model.file), 0, 0};
        all.push_back(status::told(finding<FindingId::file_rights>(whole, field<"what">(what))));
    }
    return all;
}

std::vector<control::CheckedTunnel> tunnels_of(const config::Model& model) {
    std::vector<control::CheckedTunnel> all;
    for (const config::Peer& peer : model.peers) {
        for (const config::Tunnel& tunnel : peer.tunnels) {
            all.push_back({tunnel.display_name, config::text(peer.addresses.front().value),
                           tunnel.local.text(), tunnel.remote.text()});
        }
    }
    return all;
}

}  // namespace

Exit config_check(const std::string& file, std::optional<config::Format> format, Shown shown) {
    const auto name = shown_name(file);
    const auto refuse = [&](const Error& error) {
        if (shown == Shown::json) {
            fmt::print("{}\n", control::to_json({name, false, 1, 0, 0, told(error), {}}));
        } else {
            fmt::print(stderr, "{}", laid_out(config::joined(config::findings(error)), STDERR_FILENO, name));
        }
        return static_cast<Exit>(config::verdict_on(error));
    };
    const auto text = control::read_file(file, config::max_text);
    if (!text) {
        return refuse(text.error());
    }
    auto model = config::load(*text, name, format);
    if (!model) {
        return refuse(model.error());
    }
    control::look_at_machine(*model);
    std::vector<std::string> about_file;
    if (file != "-" && !model->peers.empty()) {
        for (const Event& event : control::rights_of(file)) {
            about_file.push_back(event.text());
        }
    }
    if (shown == Shown::json) {
        auto counts = model->counts();
        counts.warnings += about_file.size();
        fmt::print("{}\n", control::to_json({name, model->usable(), counts.errors, counts.warnings,
                                             counts.notes, told(*model, about_file), tunnels_of(*model)}));
        return static_cast<Exit>(config::verdict_on(*model));
    }
    const auto notes = shown == Shown::with_notes ? config::Notes::shown : config::Notes::counted;
    const std::string lines =
        config::describe(*model) + config::joined(config::findings(*model, about_file, notes));
    fmt::print("{}", laid_out(lines, STDOUT_FILENO, name));
    return static_cast<Exit>(config::verdict_on(*model));
}

Exit decode(const std::string& what) {
    if (what != "-" && !is_file(what)) {
        // A name of digits a to f could be both: what exists wins, what is neither is most likely a wrong
        // name.
        return is_hex_text(what)
                   ? print_hex(what, "argument")
                   : complain({Exit::unusable,
                               fmt::format("{}: no such file, and not hexadecimal either", printable(what))});
    }
    const auto content = read_file(what, max_capture_octets);
    if (!content) {
        return complain(content.error());
    }
    const ByteView octets = as_bytes(*content);
    if (looks_like_capture(octets) || !is_hex_text(*content)) {
        return print_capture(octets, shown_name(what));
    }
    return print_hex(*content, shown_name(what));
}

}  // namespace causeway::cli
