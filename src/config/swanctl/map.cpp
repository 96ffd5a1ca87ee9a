#include "config/swanctl/map.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/backups.hpp"
#include "config/naming.hpp"
#include "config/swanctl/connection.hpp"
#include "config/swanctl/secrets.hpp"
#include "config/swanctl/settings.hpp"
#include "config/words.hpp"

namespace causeway::config::swanctl {
namespace {

/// swanctl(8), --load-all.
constexpr std::string_view top_sections[] = {"connections", "secrets", "pools", "authorities"};

/// Sections for others to refer to have names of their own.
void check_top(const Settings& settings, Report& report) {
    for (const auto& section : settings.top().sections) {
        const auto& name = section->name;
        if (settings.is_referred_to(name) ||
            std::ranges::find(top_sections, name) != std::end(top_sections)) {
            continue;
        }
        const auto near = nearest(name, top_sections);
        report.dropped(finding<FindingId::top_section_unknown>(
            section->place, field<"section">(printable(name, 60)),
            field<"remedy">(near ? fmt::format("did you mean '{}'?", *near) : std::string())));
    }
}

/// A child's name is unique within its connection only.
void name_tunnels(Model& model) {
    std::unordered_map<std::string, unsigned> times;
    for (const auto& peer : model.peers) {
        for (const auto& tunnel : peer.tunnels) {
            ++times[tunnel.name];
        }
    }
    for (auto& peer : model.peers) {
        for (auto& tunnel : peer.tunnels) {
            if (times[tunnel.name] > 1) {
                tunnel.name = fmt::format("{}-{}", peer.name, tunnel.name);
            }
        }
    }
}

Error no_connection(const Settings& settings, const Source& source) {
    const auto connections = settings.section("connections");
    Error error{Errc::not_found,
                connections ? "there is no connection in the section 'connections'"
                            : "there is no section 'connections' in the file",
                connections ? connections->place() : Place{source.file, 0, 0},
                "write connections { NAME { ... } }"};
    if (settings.unread() > 0) {
        error.remedy = "it includes files, which were not read: give the one that has the connections";
    }
    for (const auto& section : settings.top().sections) {
        if (!connections && nearest(section->name, top_sections) == "connections") {
            error.place = section->place;
            error.remedy = fmt::format("did you mean 'connections' by '{}'?", printable(section->name, 60));
        }
    }
    return error;
}

}  // namespace

Result<Model> map(const Source& source) {
    Model model;
    model.schema = Schema::swanctl;
    model.file = *source.file;
    Report report(source.file, model);
    const auto settings = CAUSEWAY_TRY(Settings::read(source, report));
    const auto section = settings.section("connections");
    const auto connections = section ? section->sections() : std::vector<View>{};
    if (connections.empty()) {
        return fail(no_connection(settings, source));
    }
    check_top(settings, report);
    const Secrets secrets(settings, report);
    model.peers.reserve(connections.size());
    for (const auto& connection : connections) {
        if (auto peer = read_connection(connection, secrets, report)) {
            model.peers.push_back(std::move(*peer));
        }
    }
    settle_backups(model, report);
    name_tunnels(model);
    give_names_and_numbers(model);
    put_in_order(model.findings);
    return model;
}

}  // namespace causeway::config::swanctl
