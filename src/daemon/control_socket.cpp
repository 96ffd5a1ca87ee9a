#include "daemon/control_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "control/paths.hpp"
#include "host/event_loop.hpp"

namespace causeway::daemon {

namespace {

Error system_error(const std::string& what, int error) {
    return {error == EACCES || error == EPERM || error == EROFS ? Errc::permission : Errc::system,
            fmt::format("{}: {}", what, std::strerror(error)),
            {},
            "name another place with --control, or run as root"};
}

/// Above whatever else the daemon opens, which an ending process gives up in the order of the numbers. The kernel may close the
/// sockets a moment later all the same: host::IkePorts waits for them.
constexpr int last_descriptor = 200;

/// A daemon that was killed leaves its other process for some milliseconds, until the kernel has ended that too.
constexpr Duration ending = std::chrono::seconds(5);
constexpr std::chrono::milliseconds look_again{10};

/// The lock is held, and the process that took it is no more.
bool is_ending(int lock) {
    std::array<char, 16> text{};
    const ssize_t got = ::pread(lock, text.data(), text.size(), 0);
    pid_t process = 0;
    const auto read = std::from_chars(text.data(), text.data() + std::max<ssize_t>(got, 0), process);
    return read.ec == std::errc{} && process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

bool take(int lock) {
    const Instant limit = host::now() + ending;
    while (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (!is_ending(lock) || host::now() >= limit) {
            return false;
        }
        std::this_thread::sleep_for(look_again);
    }
    return true;
}

/// A locked file beside the socket, with the number of the process in it. Whoever ends removes it, so another one may be there
/// by the time it is locked.
Result<host::Descriptor> lock_beside(const std::string& path) {
    const std::string lock = path + ".lock";
    for (;;) {
        const host::Descriptor opened(::open(lock.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
        host::Descriptor file(opened ? ::fcntl(opened.get(), F_DUPFD_CLOEXEC, last_descriptor) : -1);
        if (!file) {
            return fail(system_error(fmt::format("{} cannot be opened", lock), errno));
        }
        if (!take(file.get())) {
            return fail({Errc::exists,
                         fmt::format("another causewayd is running with the control socket {}", path),
                         {},
                         "stop it first (ipsec stop), or give this one another --control"});
        }
        struct stat ours {};
        struct stat there {};
        if (::fstat(file.get(), &ours) == 0 && ::lstat(lock.c_str(), &there) == 0 &&
            ours.st_ino == there.st_ino && ours.st_dev == there.st_dev) {
            const std::string process = fmt::format("{}\n", ::getpid());
            if (::ftruncate(file.get(), 0) != 0 ||
                ::pwrite(file.get(), process.data(), process.size(), 0) < 0) {
                // Without it the next one does not wait for the end of this one, which takes milliseconds.
            }
            return file;
        }
    }
}

}  // namespace

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::string& path) {
    std::unique_ptr<ControlSocket> made(new ControlSocket);
    made->path_ = path;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return fail({Errc::limit, fmt::format("{} is too long for a socket", path), {}, "shorten --control"});
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    if (const auto folder = control::folder_of(path); !folder.empty()) {
        if (const int error = control::make_folders(folder); error != 0) {
            return fail(system_error(fmt::format("{} cannot be made", folder), error));
        }
    }
    // The lock, not the socket, tells whether another daemon lives: the kernel drops it with the process.
    made->lock_ = CAUSEWAY_TRY(lock_beside(path));
    made->listening_ = host::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made->listening_) {
        return fail(system_error("a control socket cannot be made", errno));
    }
    struct stat there {};
    if (::lstat(path.c_str(), &there) == 0 && !S_ISSOCK(there.st_mode)) {
        return fail({Errc::unacceptable,
                     fmt::format("{} exists and is not a socket", path),
                     {},
                     "name another place with --control"});
    }
    ::unlink(path.c_str());
    // Made unreachable for others from the first moment on.
    const mode_t before = ::umask(0177);
    const int bound =
        ::bind(made->listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int error = errno;
    ::umask(before);
    if (bound != 0 || ::listen(made->listening_.get(), 16) != 0) {
        return fail(system_error(fmt::format("the control socket {} cannot be opened", path),
                                 bound != 0 ? error : errno));
    }
    made->bound_ = true;
    return made;
}

ControlSocket::~ControlSocket() {
    if (bound_) {
        ::unlink(path_.c_str());
    }
    if (lock_) {
        ::unlink((path_ + ".lock").c_str());  // while it is still locked
    }
}

}  // namespace causeway::daemon
