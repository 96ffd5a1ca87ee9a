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

/// One call under way: the child, and the pipe that its output comes through.
class Ubus::Child {
 public:
    Child(Ubus& owner, pid_t pid, int fd, Done done)
        : owner_(owner), pid_(pid), fd_(fd), done_(std::move(done)) {
        const Instant limit = now() + owner_.limits_.time;
        late_ = owner_.loop_.timer([this] {
            give_up(fmt::format("it did not answer within {} s",
                                std::chrono::duration<double>(owner_.limits_.time).count()));
        });
        late_.arm(limit);
        reap_ = owner_.loop_.timer([this] { reap(); });
        watch_ = owner_.loop_.watch(fd_, [this] { read(); });
    }
    /// One that could not be started: it fails from the loop, like the others.
    Child(Ubus& owner, std::string why, Done done)
        : owner_(owner), pid_(0), fd_(-1), done_(std::move(done)), why_(std::move(why)) {
        reap_ = owner_.loop_.timer([this] { finish(); });
        reap_.arm(now());
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        close_pipe();
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
    }

 private:
    void read() {
        std::array<char, 4096> room{};
        for (;;) {
            const ssize_t got = ::read(fd_, room.data(), room.size());
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
        ::kill(pid_, SIGKILL);
        reap();
    }

    // Never waits: SIGKILL takes effect soon, and a loop has better things to do.
    void reap() {
        int status = 0;
        const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
        if (ended == 0 || (ended < 0 && errno == EINTR)) {
            reap_.arm(now() + look_again);
            return;
        }
        pid_ = 0;
        if (why_.empty() && (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
            why_ = fmt::format("it ended with {}", how_it_ended(status));
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
        if (fd_ >= 0) {
            ::close(std::exchange(fd_, -1));
        }
    }

    Ubus& owner_;
    pid_t pid_;
    int fd_;
    Done done_;
    std::string text_;
    std::string why_;
    EventLoop::Watch watch_;
    EventLoop::Timer late_;
    EventLoop::Timer reap_;
};

Ubus::Ubus(EventLoop& loop, std::string program, Limits limits)
    : loop_(loop), program_(std::move(program)), limits_(limits) {}

Ubus::~Ubus() = default;

bool Ubus::busy() const {
    return child_ != nullptr;
}

void Ubus::call(const std::string& object, const std::string& method, Done done) {
    int ends[2]{-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        child_ =
            std::make_unique<Child>(*this, fmt::format("no pipe: {}", std::strerror(errno)), std::move(done));
        return;
    }
    // The child's end blocks: programs do not expect anything else of their output.
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    auto child = spawn(program_, object, method, ends[1]);
    ::close(ends[1]);
    if (!child) {
        ::close(ends[0]);
        child_ = std::make_unique<Child>(*this, child.error().what, std::move(done));
        return;
    }
    child_ = std::make_unique<Child>(*this, *child, ends[0], std::move(done));
}

}  // namespace causeway::host
