#include "daemon/daemon.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "config/default_file.hpp"
#include "config/verdict.hpp"
#include "control/paths.hpp"
#include "daemon/parent.hpp"
#include "daemon/parent_link.hpp"
#include "daemon/process.hpp"
#include "daemon/service.hpp"

namespace causeway::daemon {

namespace {

/// Nobody reads the stderr of a daemon that an init system starts with --syslog: it is told there as well. In
/// the journal it is a line like all others, and `systemctl status` has it too.
int complain(const Options& options, ParentLink* parent, const Error& error, int code) {
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
    if (parent != nullptr) {
        parent->announce(Announce::What::failed, event.text());
    }
    return code;
}

/// The file cannot be read, or is refused as a whole.
int refuse(const Options& options, ParentLink* parent, const Error& error) {
    const auto verdict = config::verdict_on(error);
    if (options.check_config) {
        std::fputs(config::joined(config::findings(error)).c_str(), stderr);
        return static_cast<int>(verdict);
    }
    return complain(options, parent, error, static_cast<int>(verdict));
}

/// As `causeway config check` does it, word for word.
int check_configuration(const Options& options) {
    const auto configuration = load_configuration(options);
    if (!configuration) {
        return refuse(options, nullptr, configuration.error());
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
int refuse(const Options& options, ParentLink& parent, const config::Model& model) {
    // In the journal each line has its level in front.
    const char* const level = host::Log::of_stderr() == host::Log::Target::journal ? "<4>" : "";
    for (const auto& line : config::findings(model)) {
        std::fputs(fmt::format("{}{}\n", level, line).c_str(), stderr);
    }
    return complain(options, &parent,
                    {Errc::unacceptable,
                     fmt::format("{} holds no usable connection", model.file),
                     {},
                     "causewayd --check-config says how it is understood"},
                    exit_code::configuration);
}

/// The file that the reload reads too: named by the command line, or one of the defaults, which the parent knows by its number.
void choose_configuration(Options& options) {
    const bool named = !options.config_file.empty();
    auto found = find_configuration(options);
    if (!found) {
        return;  // loading it says why
    }
    options.config_file = found->path;
    options.passed_over = std::move(found->others);
    if (!named) {
        const auto* const at =
            std::find(std::begin(config::default_files), std::end(config::default_files), found->path);
        options.config_number = static_cast<std::uint8_t>(at - std::begin(config::default_files) + 1);
    }
}

/// The process that speaks IKE. With root's rights until everything is open, and few afterwards.
int run_service(Options options, ParentLink& parent, const std::string& version) {
    choose_configuration(options);
    auto configuration = load_configuration(options);
    if (!configuration) {
        return refuse(options, &parent, configuration.error());
    }
    if (!configuration->model->usable()) {
        return refuse(options, parent, *configuration->model);
    }
    host::EventLoop loop;  // outlives all that waits on it
    auto listening = parent.open_control();
    if (!listening) {
        return complain(
            options, &parent, listening.error(),
            listening.error().code == Errc::exists ? exit_code::already_running : exit_code::machine);
    }
    const auto lock = parent.share_lock();
    const host::Descriptor held_to_the_end(lock ? ::fcntl(lock->get(), F_DUPFD_CLOEXEC, 200) : -1);
    ControlServer control(std::move(*listening));
    host::Log log(log_target(options));
    log.write_by([&parent](Level level, std::string_view line) { parent.log(level, line); });
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
    Parent::take_signals();
    auto started = Service::start(loop, log, control, parent, options, std::move(*configuration), version);
    if (!started) {
        return complain(options, &parent, started.error(), exit_code::machine);
    }
    service = std::move(*started);
    parent.announce(Announce::What::ready);
    give_back_memory();  // the configuration as text, and what it took to read it
    loop.run();
    parent.announce(Announce::What::stopping);
    return service->exit_status();
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
    if (!options.config_file.empty()) {
        // Absolute, because a daemon in the background leaves this folder and may be asked to read it again.
        options.config_file = control::absolute(options.config_file);
    }
    Background background = options.daemonize ? Background::begin() : Background::none();
    auto ends = host::Channel::open();
    if (!ends) {
        return complain(options, nullptr, ends.error(), exit_code::machine);
    }
    // As early as it can be: what a process has not touched yet it shares with the other.
    std::fflush(nullptr);
    Parent::block_signals();
    const pid_t here = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) {
        return complain(options, nullptr,
                        {Errc::system, fmt::format("no second process: {}", std::strerror(errno)), {}, {}},
                        exit_code::machine);
    }
    if (child == 0) {
        end_with(here);
        ends->first.close();
        const Background not_ours = std::move(background);
        ParentLink parent(std::move(ends->second));
        parent.reach_out();
        return run_service(std::move(options), parent, version);
    }
    ends->second.close();
    int status = 0;
    {
        Parent parent(options, std::move(background), std::move(ends->first), child);
        status = parent.run();
    }
    if (WIFSIGNALED(status)) {
        // As if it had been this one: whoever waits for it sees what happened.
        std::signal(WTERMSIG(status), SIG_DFL);
        Parent::take_signals();
        std::raise(WTERMSIG(status));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : exit_code::machine;
}

}  // namespace causeway::daemon
