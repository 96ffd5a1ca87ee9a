#include "daemon/parent.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <string_view>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <variant>

#include "config/default_file.hpp"
#include "control/configuration_file.hpp"
#include "control/paths.hpp"
#include "firewall/guard.hpp"
#include "host/child.hpp"
#include "host/nft.hpp"
#include "host/nft_chains.hpp"
#include "host/notify.hpp"
#include "host/outside.hpp"
#include "host/packet_mark.hpp"
#include "host/privileges.hpp"

namespace causeway::daemon {

namespace {

/// For the rest of a message that has begun, which its sender has ready.
constexpr Duration patience = std::chrono::seconds(5);
/// What took more to answer gives its memory back.
constexpr std::size_t large_message = std::size_t{64} * 1024;

sigset_t handed_on() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
        sigaddset(&set, number);
    }
    return set;
}

/// Words of the other process on one line: nothing in them begins a line of its own, in syslog or in what an init system reads.
std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; },
        ' ');
    return text;
}

Error refused(std::string what) {
    return {Errc::unacceptable, std::move(what), {}, {}};
}

Error system_error(const std::string& what) {
    return {Errc::system,
            what.empty() ? std::strerror(errno) : fmt::format("{}: {}", what, std::strerror(errno)),
            {},
            {}};
}

Answer failed(Error error) {
    Answer answer;
    answer.error = std::move(error);
    return answer;
}

}  // namespace

host::Log::Target log_target(const Options& options) {
    return options.syslog || options.daemonize ? host::Log::Target::syslog : host::Log::of_stderr();
}

Parent::Parent(const Options& options, Background background, host::Channel channel, pid_t child)
    : options_(options),
      background_(std::move(background)),
      channel_(std::move(channel)),
      child_(child),
      openings_(control::folder_of(options.control_path) + "/fw4", options.tun) {
    channel_.bound(patience);
}

Parent::~Parent() = default;

void Parent::block_signals() {
    const sigset_t set = handed_on();
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

void Parent::take_signals() {
    const sigset_t set = handed_on();
    ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

int Parent::run() {
    const sigset_t set = handed_on();
    const host::Descriptor signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    std::array<pollfd, 2> waited{pollfd{signals.get(), POLLIN, 0}, pollfd{channel_.fd(), POLLIN, 0}};
    int status = 0;
    for (;;) {
        const pid_t ended = ::waitpid(child_, &status, WNOHANG);
        if (ended == child_ || (ended < 0 && errno == ECHILD)) {
            break;
        }
        // Whether the child has ended is looked at after each signal, and one of them says so.
        if (::poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) {
            break;
        }
        hand_on_signals(signals.get());
        if (waited[1].revents != 0 && !serve()) {
            waited[1].fd = -1;
        }
    }
    if (log_ && WIFSIGNALED(status)) {
        log_->write(
            host::now(),
            {EventCode::stopped,
             {},
             {{"why", fmt::format("the process that speaks IKE was ended by signal {}; the networks of the "
                                  "tunnels stay closed",
                                  WTERMSIG(status))}}});
    }
    return status;
}

void Parent::hand_on_signals(int signals) {
    signalfd_siginfo told{};
    while (::read(signals, &told, sizeof told) == static_cast<ssize_t>(sizeof told)) {
        if (told.ssi_signo != SIGCHLD) {
            ::kill(child_, static_cast<int>(told.ssi_signo));
        }
    }
}

// False: nothing more is to be expected of the child. One that breaks the frame of messages cannot be talked to, and what it
// does else is not known: it ends. One that asks for what it may not have is told so.
bool Parent::serve() {
    auto message = channel_.receive(max_request_octets);
    if (!message) {
        if (message.error().code != Errc::cancelled) {
            ::kill(child_, SIGKILL);
        }
        return false;
    }
    auto request = parse_request(message->octets);
    Performed performed;
    if (request) {
        performed = std::visit([this](const auto& asked) { return perform(asked); }, *request);
    } else {
        performed.answer = failed(std::move(request.error()));
    }
    const Bytes octets = encode(performed.answer);
    const bool sent = channel_.send(octets, performed.descriptor).has_value();
    if (!sent) {
        ::kill(child_, SIGKILL);
    }
    if (message->octets.size() > large_message || octets.size() > large_message) {
        give_back_memory();
    }
    return sent;
}

Parent::Performed Parent::perform(const OpenControl& /*asked*/) {
    if (control_) {
        return {failed(refused("the control socket was opened already")), {}};
    }
    auto opened = ControlSocket::open(options_.control_path);
    if (!opened) {
        return {failed(std::move(opened.error())), {}};
    }
    control_ = std::move(*opened);
    if (!options_.pid_file.empty()) {
        auto written = PidFile::write(options_.pid_file);
        if (!written) {
            return {failed(std::move(written.error())), {}};
        }
        pid_file_.emplace(std::move(*written));
    }
    log_.emplace(log_target(options_));
    // The files that are opened from now on are root's, and nft needs what is left. What the kernel refuses the other process
    // reports, which gives up the same.
    static_cast<void>(host::give_up_privileges());
    return {{}, {}, control_->listening()};
}

Parent::Performed Parent::perform(const ShareLock& /*asked*/) {
    if (!control_) {
        return {failed(refused("there is no lock yet")), {}};
    }
    return {{}, {}, control_->lock()};
}

Parent::Performed Parent::perform(const OpenConfiguration& asked) {
    const bool named = !options_.config_file.empty();
    if (named ? asked.which != 0 : asked.which < 1 || asked.which > std::size(config::default_files)) {
        return {failed(refused(fmt::format("no configuration has the number {}", asked.which))), {}};
    }
    const std::string path =
        named ? options_.config_file : std::string(config::default_files[asked.which - 1U]);
    Performed performed;
    performed.kept = host::Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!performed.kept) {
        performed.answer = failed(control::unreadable(path, errno));
        return performed;
    }
    const control::Rights rights = control::look_at_rights(path);
    performed.answer.number = rights.folder_mode;
    performed.answer.second = rights.folder_owner;
    performed.descriptor = performed.kept.get();
    return performed;
}

Parent::Performed Parent::perform(const OpenSystemFile& asked) {
    auto opened = host::open_file(asked.file, asked.device);
    if (!opened) {
        return {failed(std::move(opened.error())), {}};
    }
    const int fd = opened->get();
    return {{}, std::move(*opened), fd};
}

Parent::Performed Parent::perform(const FindPrograms& /*asked*/) {
    Performed performed;
    performed.answer.number =
        (host::find_nft() ? 1U : 0U) + (host::find_program("iptables-restore") ? 2U : 0U);
    return performed;
}

Parent::Performed Parent::perform(const ListChains& /*asked*/) {
    auto chains = host::nft_chains();
    Performed performed;
    if (chains) {
        performed.answer.chains = std::move(*chains);
    } else {
        performed.answer = failed(std::move(chains.error()));
    }
    return performed;
}

Parent::Performed Parent::perform(const ListTable& asked) {
    const auto nft = host::find_nft();
    if (!nft) {
        return {failed({Errc::not_found, "nft is not installed", {}, {}}), {}};
    }
    auto listed = host::list_nft(*nft, {"list", "table", asked.inet ? "inet" : "ip", asked.table});
    Performed performed;
    if (listed) {
        performed.answer.text = std::move(*listed);
    } else {
        performed.answer = failed(std::move(listed.error()));
    }
    return performed;
}

Parent::Performed Parent::perform(const PlaceGuard& asked) {
    const auto nft = host::find_nft();
    if (!nft) {
        return {failed({Errc::not_found, "nft is not installed", {}, {}}), {}};
    }
    std::string script = firewall::render_guard_removal(guard_table);
    if (asked.guard) {
        firewall::Guard guard = *asked.guard;
        guard.table = guard_table;
        guard.device = options_.tun;
        guard.mark = host::packet_mark;
        script = firewall::render_guard(std::move(guard));
    }
    auto done = host::run_nft(*nft, script);
    return {done ? Answer{} : failed(std::move(done.error())), {}};
}

Parent::Performed Parent::perform(const PlaceOpenings& asked) {
    auto outcome = openings_.place(asked.kind, asked.openings, asked.zone);
    Performed performed;
    performed.answer.number = outcome.zone_forwards ? 1 : 0;
    performed.answer.second = outcome.failure.size();
    performed.answer.text = std::move(outcome.failure) + outcome.placed;
    return performed;
}

Parent::Performed Parent::perform(const StartUbus& /*asked*/) {
    if (!ubus_) {
        const auto program = host::find_ubus();
        if (!program) {
            return {failed({Errc::not_found, "ubus is not installed", {}, {}}), {}};
        }
        ubus_ = std::make_unique<host::UbusProgram>(*program);
    }
    auto output = ubus_->start("network.interface", "dump");
    if (!output) {
        return {failed(std::move(output.error())), {}};
    }
    const int fd = output->get();
    return {{}, std::move(*output), fd};
}

Parent::Performed Parent::perform(const EndUbus& asked) {
    if (!ubus_) {
        return {failed(refused("ubus was not started")), {}};
    }
    Performed performed;
    if (asked.kill) {
        ubus_->kill();
    } else if (auto ended = ubus_->ended()) {
        performed.answer.number = 1;
        performed.answer.text = std::move(*ended);
    }
    return performed;
}

Parent::Performed Parent::perform(const FreshFile& asked) {
    const bool history = asked.which == FreshFile::Which::history;
    const std::string path = history ? options_.control_path + ".history" : metrics_file_;
    if (path.empty()) {
        return {failed(refused("no metrics are written")), {}};
    }
    const std::string fresh = path + ".new";
    Performed performed;
    if (asked.step == FreshFile::Step::keep) {
        if (::rename(fresh.c_str(), path.c_str()) != 0) {
            performed.answer = failed(system_error(""));
            ::unlink(fresh.c_str());
        }
        return performed;
    }
    struct stat there {};
    if (!history && ::lstat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
        return {failed(refused("it is no plain file")), {}};  // a device that somebody named would be lost
    }
    ::unlink(fresh.c_str());
    if (asked.step == FreshFile::Step::begin) {
        performed.kept = host::Descriptor(
            ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        performed.descriptor = performed.kept.get();
        // Whatever the umask has left of it.
        if (!performed.kept || ::fchmod(performed.descriptor, history ? 0600 : 0644) != 0) {
            performed.answer = failed(system_error(""));
        }
    }
    return performed;
}

Parent::Performed Parent::perform(const NameMetricsFile& asked) {
    if (ready_ || !metrics_file_.empty()) {
        return {failed(refused("the file of the metrics is named at the start")), {}};
    }
    metrics_file_ = asked.path;
    return {};
}

Parent::Performed Parent::perform(const WriteLog& asked) {
    host::write_syslog(asked.level, one_line(asked.line));
    return {};
}

Parent::Performed Parent::perform(const Announce& asked) {
    switch (asked.what) {
        case Announce::What::ready:
            ready_ = true;
            background_.ready();
            host::tell_init(
                "READY=1\nSTATUS=Running; causeway status tells what is up, what is not, and why");
            break;
        case Announce::What::stopping:
            host::tell_init("STOPPING=1");
            break;
        case Announce::What::failed:
            host::tell_init("STATUS=" + one_line(asked.text));
            break;
    }
    return {};
}

}  // namespace causeway::daemon
