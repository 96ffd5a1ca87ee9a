#include "daemon/configuration.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "config/verdict.hpp"
#include "control/configuration_file.hpp"
#include "control/machine_options.hpp"
#include "daemon/wiping_heap.hpp"

namespace causeway::daemon {

Result<config::ChosenFile> find_configuration(const Options& options) {
    if (!options.config_file.empty()) {
        return config::ChosenFile{options.config_file, options.passed_over};
    }
    const WipedHeap wiped;
    std::vector<config::Candidate> candidates;
    for (const auto file : config::default_files) {
        const std::string path(file);
        if (::access(path.c_str(), F_OK) == 0) {
            auto text = control::read_file(path, config::max_text);
            candidates.push_back({path, text ? std::optional(std::move(*text)) : std::nullopt});
        }
    }
    auto chosen = config::choose_file(candidates);
    if (chosen) {
        return std::move(*chosen);
    }
    return fail(
        {Errc::not_found,
         fmt::format("there is no configuration: none of {} exists", fmt::join(config::default_files, ", ")),
         {},
         "write one (causeway-config(5)) or name a file with --config"});
}

namespace {

struct Text {
    std::string text;
    std::vector<Event> warnings;
};

Result<Text> read_text(const std::string& path, const Options& options, ParentLink* parent) {
    if (parent == nullptr) {
        return Text{CAUSEWAY_TRY(control::read_file(path, config::max_text)), control::rights_of(path)};
    }
    const OpenedConfiguration opened = CAUSEWAY_TRY(parent->open_configuration(options.config_number));
    control::Rights rights{0, 0, opened.folder_mode, opened.folder_owner};
    struct stat file {};
    if (::fstat(opened.file.get(), &file) == 0) {
        rights.file_mode = file.st_mode;
        rights.file_owner = file.st_uid;
    }
    return Text{CAUSEWAY_TRY(control::read_open_file(opened.file.get(), path, config::max_text)),
                control::rights_of(path, rights)};
}

Result<Configuration> read_configuration(const Options& options, ParentLink* parent) {
    Configuration configuration;
    const auto chosen = CAUSEWAY_TRY(find_configuration(options));
    configuration.file = chosen.path;
    Text read = CAUSEWAY_TRY(read_text(configuration.file, options, parent));
    const std::string text = std::move(read.text);
    auto model = CAUSEWAY_TRY(config::load(text, configuration.file, options.format));
    // The confined process can look at nothing; what this is about holds from the start to the end.
    if (parent == nullptr) {
        control::look_at_machine(model);
    }
    if (options.metrics_file) {
        model.options.metrics_file = {*options.metrics_file, {}};
    }
    if (options.control_group) {
        model.options.control_group = {*options.control_group, {}};
    }
    if (options.lookup_ceiling) {
        model.options.lookup_ceiling = std::max(*options.lookup_ceiling, model.options.lookup_floor);
    }
    model.options.firewall = options.firewall.value_or(model.options.firewall);
    if (options.zone) {
        model.options.zone = *options.zone;
    }
    model.options.data_plane = options.data_plane.value_or(model.options.data_plane);
    auto& offloads = model.options.offloads;
    offloads.tun = options.offload_tun.value_or(offloads.tun);
    offloads.udp_send = options.offload_udp_send.value_or(offloads.udp_send);
    offloads.udp_receive = options.offload_udp_receive.value_or(offloads.udp_receive);
    model.options.probe_path = model.options.probe_path && options.probe_path;
    for (auto& peer : model.peers) {
        auto& either = peer.quirks.accept_any_mode_as_responder;
        either = either || options.accept_either_mode;
    }
    if (!model.peers.empty()) {
        configuration.warnings = std::move(read.warnings);
    }
    if (!chosen.others.empty()) {
        configuration.warnings.push_back(
            {EventCode::configuration_passed_over,
             {},
             {{"file", configuration.file}, {"others", fmt::format("{}", fmt::join(chosen.others, ", "))}}});
    }
    configuration.model = std::make_shared<config::Model>(std::move(model));
    return configuration;
}

}  // namespace

Result<Configuration> load_configuration(const Options& options, ParentLink* parent) {
    const WipedHeap wiped;
    auto configuration = read_configuration(options, parent);
    wipe_stack_below();
    return configuration;
}

std::vector<Event> events_about(const Configuration& configuration) {
    std::vector<Event> events = configuration.warnings;
    const auto& model = *configuration.model;
    std::size_t tunnels = 0;
    for (const auto& finding : model.findings) {
        events.push_back({finding.severity == Severity::note ? EventCode::configuration_note
                                                             : EventCode::configuration_remark,
                          {},
                          {{"text", finding.text()}}});
    }
    for (auto& line : config::lines_about_left_out(model)) {
        events.push_back({EventCode::configuration_remark, {}, {{"text", std::move(line)}}});
    }
    for (const auto& peer : model.peers) {
        tunnels += peer.tunnels.size();
    }
    const auto count = [](std::size_t number, const char* one) {
        return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
    };
    events.push_back({EventCode::configuration_loaded,
                      {},
                      {{"file", configuration.file},
                       {"peers", count(model.peers.size(), "peer")},
                       {"tunnels", count(tunnels, "tunnel")},
                       {"counts", config::text(model.counts())}}});
    return events;
}

}  // namespace causeway::daemon
