#include "cli/service.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "cli/client.hpp"
#include "cli/descriptor.hpp"
#include "control/paths.hpp"

namespace causeway::cli {
namespace {

/// Between two looks whether the daemon answers.
constexpr std::chrono::milliseconds look_again{25};
/// One answer of a daemon that is there takes milliseconds.
constexpr std::chrono::seconds answer_time{2};
/// Of the last words of a daemon that ended at once.
constexpr std::size_t max_last_words = 16384;

bool is_program(const std::string& path) {
    struct stat there {};
    return ::stat(path.c_str(), &there) == 0 && S_ISREG(there.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

/// The folder that this tool is in; empty if it cannot be told.
std::string own_folder() {
    char self[PATH_MAX];
    const ssize_t length = ::readlink("/proc/self/exe", self, sizeof self);
    return length <= 0 ? "" : control::folder_of({self, static_cast<std::size_t>(length)});
}

/// Beside this tool, so that a build folder is self-contained; then where programs are.
std::optional<std::string> find_daemon() {
    std::vector<std::string> folders{own_folder()};
    const char* const path = std::getenv("PATH");
    for (std::string_view rest = path == nullptr ? "" : path; !rest.empty();) {
        const std::size_t colon = rest.find(':');
        folders.emplace_back(rest.substr(0, colon));
        rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    }
    folders.insert(folders.end(), {"/usr/local/sbin", "/usr/sbin"});
    for (const std::string& folder : folders) {
        if (!folder.empty() && is_program(folder + "/causewayd")) {
            return folder + "/causewayd";
        }
    }
    return {};
}

std::vector<std::string> daemon_arguments(const std::string& program, const StartOptions& options) {
    // Absolute, because the daemon does not stay in this folder.
    std::vector<std::string> arguments{program, "--control", control::absolute(options.control)};
    if (!options.config.empty()) {
        arguments.insert(arguments.end(), {"--config", control::absolute(options.config)});
    }
    if (options.lookup_ceiling_seconds) {
        arguments.insert(arguments.end(),
                         {"--lookup-ceiling", std::to_string(*options.lookup_ceiling_seconds)});
    }
    return arguments;
}

[[noreturn]] void become(const std::vector<char*>& argv) {
    ::execv(argv[0], argv.data());
    // In a forked child: stdio buffers belong to the parent.
    ::dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
    ::_exit(127);
}

/// A process that ends with the tool only if it ends itself, and the file that its stderr goes to.
struct Started {
    pid_t pid = 0;
    Descriptor words;
};

Outcome<Started> spawn(const std::vector<char*>& argv) {
    // Once it runs the daemon logs to syslog; what it says before that is read back from memory if it fails.
    Descriptor words(::memfd_create("causewayd-stderr", MFD_CLOEXEC));
    const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!words.open() || !null.open()) {
        return failure(Exit::no, fmt::format("cannot start causewayd: {}", strerror(errno)));
    }
    const pid_t pid = ::fork();
    if (pid < 0) {
        return failure(Exit::no, fmt::format("cannot start causewayd: {}", strerror(errno)));
    }
    if (pid == 0) {
        ::setsid();
        ::dup2(null.get(), STDIN_FILENO);
        ::dup2(null.get(), STDOUT_FILENO);
        ::dup2(words.get(), STDERR_FILENO);
        if (::chdir("/") != 0) {
            ::_exit(127);
        }
        become(argv);
    }
    return Started{pid, std::move(words)};
}

std::string last_words(const Descriptor& words) {
    std::string text(max_last_words, '\0');
    const off_t size = ::lseek(words.get(), 0, SEEK_END);
    const off_t from =
        size > static_cast<off_t>(max_last_words) ? size - static_cast<off_t>(max_last_words) : 0;
    const ssize_t got = ::pread(words.get(), text.data(), text.size(), from);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

Failure ended_at_once(int wait_status, const Descriptor& words) {
    const std::string how = WIFSIGNALED(wait_status)
                                ? fmt::format("signal {}", WTERMSIG(wait_status))
                                : fmt::format("exit status {}", WEXITSTATUS(wait_status));
    const std::string text = last_words(words);
    return {Exit::no, fmt::format("causewayd ended at once ({}){}{}", how, text.empty() ? "" : ":\n", text)};
}

Outcome<> wait_until_it_answers(const Started& started, const std::string& control, Deadline deadline) {
    for (;;) {
        int wait_status = 0;
        if (::waitpid(started.pid, &wait_status, WNOHANG) == started.pid) {
            return tl::unexpected(ended_at_once(wait_status, started.words));
        }
        if (const auto reply = ask(control, control::AskVersion{}, answer_time); reply && reply->ok()) {
            return {};
        }
        if (Clock::now() >= deadline) {
            return failure(Exit::timed_out,
                           fmt::format("causewayd (process {}) runs but does not answer on {} yet",
                                       started.pid, control));
        }
        ::poll(nullptr, 0, static_cast<int>(look_again.count()));
    }
}

/// Of a small file of /proc.
std::string first_line(const std::string& path) {
    char room[512];
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const ssize_t got = file.open() ? ::read(file.get(), room, sizeof room) : 0;
    const std::string text(room, got > 0 ? static_cast<std::size_t>(got) : 0);
    return text.substr(0, text.find('\n'));
}

/// OpenWrt's init script, when the daemon runs under OpenWrt's init, which starts it again whenever it ends.
std::optional<std::string> init_script_of(pid_t daemon) {
    const std::string stat = first_line(fmt::format("/proc/{}/stat", daemon));
    const std::size_t name_end = stat.rfind(')');
    int parent = 0;
    if (name_end == std::string::npos ||
        std::sscanf(stat.c_str() + name_end, ") %*c %d", &parent) != 1) {  // NOLINT(cert-err34-c)
        return {};
    }
    const std::string name = first_line(fmt::format("/proc/{}/comm", parent));
    const std::string script = "/etc/init.d/causeway";
    if ((name != "procd" && name != "ujail") || !is_program(script)) {
        return {};
    }
    return script;
}

/// Returns with its exit status; nothing when it could not be run.
std::optional<int> run_script(std::string script, std::string word) {
    std::array<char*, 3> argv{script.data(), word.data(), nullptr};
    std::fflush(stdout);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    int status = 0;
    if (pid < 0 || ::waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        return {};
    }
    return WEXITSTATUS(status);
}

/// The init starts the daemon, with its own words on the command line.
Exit start_by(const std::string& script, const StartOptions& options) {
    const auto ended = run_script(script, "start");
    if (!ended || *ended != 0) {
        return complain({Exit::no, fmt::format("'{} start' failed", script)});
    }
    const Deadline deadline = Clock::now() + std::chrono::seconds(options.timeout_seconds);
    while (Clock::now() < deadline) {
        if (const auto client = Client::connect(options.control, Clock::now() + answer_time)) {
            fmt::print("causewayd started (process {})\n", client->peer());
            return Exit::done;
        }
        ::poll(nullptr, 0, static_cast<int>(look_again.count()));
    }
    return complain(
        {Exit::timed_out, fmt::format("'{} start' was run, but causewayd does not answer on {} yet", script,
                                      options.control)});
}

}  // namespace

Exit start(const StartOptions& options) {
    if (const auto client = Client::connect(options.control, Clock::now() + answer_time)) {
        fmt::print(
            "causewayd is already running (process {}){}\n", client->peer(),
            options.lookup_ceiling_seconds
                ? fmt::format(" and is left alone: for look-ups every {} s it needs 'option lookup_ceiling "
                              "{}' in its configuration",
                              *options.lookup_ceiling_seconds, *options.lookup_ceiling_seconds)
                : "");
        return Exit::done;
    } else if (client.error().exit != Exit::not_running) {
        return complain(client.error());
    }
    const auto program = find_daemon();
    if (!program) {
        return complain({Exit::no, "causewayd is neither beside this tool nor in PATH"});
    }
    std::vector<std::string> arguments = daemon_arguments(*program, options);
    if (!options.foreground) {
        arguments.emplace_back("--syslog");
    }
    std::vector<char*> argv;
    for (std::string& argument : arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    if (options.foreground) {
        std::fflush(stdout);
        become(argv);
    }
    const auto started = spawn(argv);
    if (!started) {
        return complain(started.error());
    }
    const Deadline deadline = Clock::now() + std::chrono::seconds(options.timeout_seconds);
    if (const auto answered = wait_until_it_answers(*started, options.control, deadline); !answered) {
        return complain(answered.error());
    }
    fmt::print("causewayd started (process {})\n", started->pid);
    return Exit::done;
}

Exit stop(const std::string& control, unsigned timeout_seconds, bool stay_closed) {
    const Deadline deadline = Clock::now() + std::chrono::seconds(timeout_seconds);
    auto client = Client::connect(control, deadline);
    if (!client) {
        return complain(client.error());
    }
    if (const auto script = init_script_of(client->peer()); script && !stay_closed) {
        const auto ended = run_script(*script, "stop");
        if (!ended || *ended != 0) {
            return complain({Exit::no, fmt::format("'{} stop' failed", *script)});
        }
    } else if (const auto sent = client->send(control::Stop{stay_closed}, deadline); !sent) {
        return complain(sent.error());
    }
    const auto reply = client->receive(deadline);
    // A daemon may be quicker to end than its answer to arrive: then it has done what was asked for.
    if (!reply && reply.error().exit != Exit::not_running) {
        return complain(reply.error());
    }
    if (reply && !reply->ok()) {
        return complain({reply->exit, printable(reply->message, 4096)});
    }
    if (!client->wait_until_gone(deadline)) {
        return complain({Exit::timed_out, fmt::format("causewayd (process {}) has not ended within {} s",
                                                      client->peer(), timeout_seconds)});
    }
    fmt::print("causewayd stopped\n");
    return Exit::done;
}

Exit restart(const StartOptions& options) {
    StartOptions again = options;
    std::optional<std::string> script;
    if (const auto reply = ask(options.control, control::AskStatus{}, answer_time); reply && reply->status) {
        script = init_script_of(static_cast<pid_t>(reply->status->daemon.pid));
        if (again.config.empty()) {
            again.config = reply->status->daemon.config_file;
        }
        if (const Exit stopped = stop(options.control, options.timeout_seconds, true);
            stopped != Exit::done) {
            return stopped;
        }
    }
    return script ? start_by(*script, again) : start(again);
}

}  // namespace causeway::cli
