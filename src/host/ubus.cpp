#include "host/ubus.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "host/spawn_attributes.hpp"

namespace causeway::host {

namespace {

/// Between two looks whether a child that has closed its output has ended too: it has, as a rule.
constexpr std::chrono::milliseconds look_again{5};

Result<pid_t> spawn(const std::string& program, const std::string& object, const std::string& method,
                    int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::string name = "ubus";
    std::string call = "call";
    std::string whom = object;
    std::string what = method;
    char* const arguments[] = {name.data(), call.data(), whom.data(), what.data(), nullptr};
    char* const environment[] = {nullptr};
    pid_t child = 0;
    const SpawnAttributes attributes;
    const int error =
        posix_spawn(&child, program.c_str(), &actions, attributes.get(), arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        return fail(Errc::system, fmt::format("it cannot be started: {}", std::strerror(error)));
    }
    return child;
}

std::string how_it_ended(int status) {
    return WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                               : fmt::format("status {}", WEXITSTATUS(status));
}

}  // namespace

std::optional<std::string> find_ubus() {
    for (const char* path :
         {"/bin/ubus", "/usr/bin/ubus", "/sbin/ubus", "/usr/sbin/ubus", "/usr/local/bin/ubus"}) {
        if (::access(path, X_OK) == 0) {
            return path;
        }
    }
    return std::nullopt;
}

UbusProgram::~UbusProgram() {
    if (child_ > 0) {
        ::kill(child_, SIGKILL);
        while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

Result<Descriptor> UbusProgram::start(const std::string& object, const std::string& method) {
    int ends[2]{-1, -1};
    if (child_ > 0 && !ended()) {
        return fail(Errc::exists, "it is asked already");
    }
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return fail(Errc::system, fmt::format("no pipe: {}", std::strerror(errno)));
    }
    Descriptor output(ends[0]);
    const Descriptor input(ends[1]);
    // The child's end blocks: programs do not expect anything else of their output.
    ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
    child_ = CAUSEWAY_TRY(spawn(program_, object, method, input.get()));
    return output;
}

std::optional<std::string> UbusProgram::ended() {
    int status = 0;
    const pid_t ended = child_ > 0 ? ::waitpid(child_, &status, WNOHANG) : -1;
    if (ended == 0 || (ended < 0 && errno == EINTR && child_ > 0)) {
        return std::nullopt;
    }
    child_ = 0;
    const bool well = ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return well ? std::string() : fmt::format("it ended with {}", how_it_ended(status));
}

void UbusProgram::kill() {
    if (child_ > 0) {
        ::kill(child_, SIGKILL);
    }
}

/// One call under way: the pipe that the program's output comes through.
class Ubus::Child {
 public:
    Child(Ubus& owner, Descriptor output, Done done)
        : owner_(owner), output_(std::move(output)), runs_(true), done_(std::move(done)) {
        const Instant limit = now() + owner_.limits_.time;
        late_ = owner_.loop_.timer([this] {
            give_up(fmt::format("it did not answer within {} s",
                                std::chrono::duration<double>(owner_.limits_.time).count()));
        });
        late_.arm(limit);
        reap_ = owner_.loop_.timer([this] { reap(); });
        watch_ = owner_.loop_.watch(output_.get(), [this] { read(); });
    }
    /// One that could not be started: it fails from the loop, like the others.
    Child(Ubus& owner, std::string why, Done done)
        : owner_(owner), done_(std::move(done)), why_(std::move(why)) {
        reap_ = owner_.loop_.timer([this] { finish(); });
        reap_.arm(now());
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        close_pipe();
        if (runs_) {
            owner_.starter_->kill();
        }
    }

 private:
    void read() {
        std::array<char, 4096> room{};
        for (;;) {
            const ssize_t got = ::read(output_.get(), room.data(), room.size());
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
                return;
            }
            if (got <= 0) {
                break;
            }
            text_.append(room.data(), static_cast<std::size_t>(got));
            if (text_.size() > owner_.limits_.octets) {
                return give_up(fmt::format("it printed more than {} octets", owner_.limits_.octets));
            }
        }
        close_pipe();
        reap();
    }

    void give_up(std::string why) {
        why_ = std::move(why);
        close_pipe();
        late_.cancel();
        owner_.starter_->kill();
        reap();
    }

    // Never waits: SIGKILL takes effect soon, and a loop has better things to do.
    void reap() {
        const auto ended = owner_.starter_->ended();
        if (!ended) {
            reap_.arm(now() + look_again);
            return;
        }
        runs_ = false;
        if (why_.empty()) {
            why_ = *ended;
        }
        finish();
    }

    void finish() {
        const Done done = std::move(done_);
        Result<std::string> result = std::move(text_);
        if (!why_.empty()) {
            result = fail(Errc::system, fmt::format("{}: {}", owner_.program_, why_));
        }
        owner_.child_ = nullptr;  // this object is no more
        done(std::move(result));
    }

    void close_pipe() {
        watch_.stop();
        output_.close();
    }

    Ubus& owner_;
    Descriptor output_;
    bool runs_ = false;
    Done done_;
    std::string text_;
    std::string why_;
    EventLoop::Watch watch_;
    EventLoop::Timer late_;
    EventLoop::Timer reap_;
};

Ubus::Ubus(EventLoop& loop, std::string program, Limits limits)
    : Ubus(loop, program, limits, std::make_unique<UbusProgram>(program)) {}

Ubus::Ubus(EventLoop& loop, std::string program, Limits limits, std::unique_ptr<UbusStarter> starter)
    : loop_(loop), program_(std::move(program)), limits_(limits), starter_(std::move(starter)) {}

Ubus::~Ubus() = default;

bool Ubus::busy() const {
    return child_ != nullptr;
}

void Ubus::call(const std::string& object, const std::string& method, Done done) {
    auto output = starter_->start(object, method);
    child_ = output ? std::make_unique<Child>(*this, std::move(*output), std::move(done))
                    : std::make_unique<Child>(*this, output.error().what, std::move(done));
}

}  // namespace causeway::host
