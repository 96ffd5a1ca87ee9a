#include "daemon/daemon.hpp"

#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/verdict.hpp"
#include "control/paths.hpp"
#include "daemon/process.hpp"
#include "daemon/service.hpp"
#include "host/notify.hpp"

namespace causeway::daemon {

namespace {

/// Nobody reads the stderr of a daemon that an init system starts with --syslog: it is told there as well. In
/// the journal it is a line like all others, and `systemctl status` has it too.
int complain(const Options& options, const Error& error, int code) {
    const Event event{EventCode::start_failed, {}, {{"text", error.text()}}};
    const bool journal = host::Log::of_stderr() == host::Log::Target::journal;
    if (options.check_config || !journal) {
        std::fputs(fmt::format("causewayd: {}\n", error.text()).c_str(), stderr);
    }
    if (options.check_config) {
        return code;
    }
    if (journal || options.syslog) {
        host::Log(journal ? host::Log::Target::journal : host::Log::Target::syslog).write(host::now(), event);
    }
    host::tell_init("STATUS=" + event.text());
    return code;
}

/// The file cannot be read, or is refused as a whole.
int refuse(const Options& options, const Error& error) {
    const auto verdict = config::verdict_on(error);
    if (options.check_config) {
        std::fputs(config::joined(config::findings(error)).c_str(), stderr);
        return static_cast<int>(verdict);
    }
    return complain(options, error, static_cast<int>(verdict));
}

/// As `causeway config check` does it, word for word.
int check_configuration(const Options& options) {
    const auto configuration = load_configuration(options);
    if (!configuration) {
        return refuse(options, configuration.error());
    }
    const auto& model = *configuration->model;
    std::vector<std::string> about_file;
    for (const auto& warning : configuration->warnings) {
        about_file.push_back(warning.text());
    }
    const auto notes = options.verbose ? config::Notes::shown : config::Notes::counted;
    std::fputs((config::describe(model) + config::joined(config::findings(model, about_file, notes))).c_str(),
               stdout);
    return static_cast<int>(config::verdict_on(model));
}

/// None of its connections is usable.
int refuse(const Options& options, const config::Model& model) {
    // In the journal each line has its level in front.
    const char* const level = host::Log::of_stderr() == host::Log::Target::journal ? "<4>" : "";
    for (const auto& line : config::findings(model)) {
        std::fputs(fmt::format("{}{}\n", level, line).c_str(), stderr);
    }
    return complain(options,
                    {Errc::unacceptable,
                     fmt::format("{} holds no usable connection", model.file),
                     {},
                     "causewayd --check-config says how it is understood"},
                    exit_code::configuration);
}

}  // namespace

int run(int argc, char** argv, const std::string& version) {
    forbid_core_dumps();
    auto [options, exit] = parse_options(argc, argv, version);
    if (exit) {
        return *exit;
    }
    if (options.check_config) {
        return check_configuration(options);
    }
    if (auto found = find_configuration(options)) {
        // Absolute, because a daemon in the background leaves this folder and may be asked to read it again.
        options.config_file = control::absolute(found->path);
        options.passed_over = std::move(found->others);
    }
    auto configuration = load_configuration(options);
    if (!configuration) {
        return refuse(options, configuration.error());
    }
    if (!configuration->model->usable()) {
        return refuse(options, *configuration->model);
    }
    Background background = options.daemonize ? Background::begin() : Background::none();
    host::EventLoop loop;  // outlives all that waits on it
    auto control = ControlServer::open(options.control_path);
    if (!control) {
        return complain(
            options, control.error(),
            control.error().code == Errc::exists ? exit_code::already_running : exit_code::machine);
    }
    std::optional<PidFile> pid_file;
    if (!options.pid_file.empty()) {
        auto written = PidFile::write(options.pid_file);
        if (!written) {
            return complain(options, written.error(), exit_code::machine);
        }
        pid_file.emplace(std::move(*written));
    }
    host::Log log(options.syslog || options.daemonize ? host::Log::Target::syslog : host::Log::of_stderr());
    std::signal(SIGPIPE, SIG_IGN);
    // From now on signals wait until the loop runs: a stop during the start is a clean stop too.
    std::unique_ptr<Service> service;
    loop.on_signals({SIGTERM, SIGINT, SIGHUP}, [&service](int number) {
        if (number == SIGHUP) {
            service->reload();
        } else {
            service->stop(number == SIGTERM ? "SIGTERM" : "interrupted");
        }
    });
    auto started = Service::start(loop, log, **control, options, std::move(*configuration), version);
    if (!started) {
        return complain(options, started.error(), exit_code::machine);
    }
    service = std::move(*started);
    background.ready();
    host::tell_init("READY=1\nSTATUS=Running; causeway status tells what is up, what is not, and why");
    give_back_memory();  // the configuration as text, and what it took to read it
    loop.run();
    host::tell_init("STOPPING=1");
    return service->exit_status();
}

}  // namespace causeway::daemon
