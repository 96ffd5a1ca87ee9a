#include "daemon/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "daemon/options.hpp"

namespace causeway::daemon {

void forbid_core_dumps() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);
}

void end_with(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
        ::_exit(exit_code::machine);  // it has ended meanwhile
    }
}

void let_the_terminal_go() {
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere >= 0) {
        ::dup2(nowhere, STDIN_FILENO);
        ::dup2(nowhere, STDOUT_FILENO);
        ::dup2(nowhere, STDERR_FILENO);
        ::close(nowhere);
    }
    if (::chdir("/") != 0) {
        // Staying where we are keeps a file system busy, and nothing worse.
    }
}

void give_back_memory() {
#ifdef __GLIBC__
    // What lies free between other things stays resident otherwise.
    ::malloc_trim(0);
#endif
}

Background Background::begin() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return none();
    }
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        ::setsid();
        return Background(ends[1]);
    }
    ::close(ends[1]);
    if (child < 0) {
        ::close(ends[0]);
        return none();
    }
    char ready = 0;
    ssize_t got = 0;
    do {
        got = ::read(ends[0], &ready, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 1) {
        ::_exit(exit_code::done);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : exit_code::machine);
}

Background::Background(Background&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Background::~Background() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

void Background::ready() {
    if (fd_ < 0) {
        return;
    }
    let_the_terminal_go();
    const char yes = 1;
    if (::write(fd_, &yes, 1) != 1) {
        // The foreground process has been killed; nobody waits.
    }
    ::close(std::exchange(fd_, -1));
}

Result<PidFile> PidFile::write(const std::string& path) {
    // Made beside and put in its place: a link that somebody has laid there is replaced, never followed.
    std::string beside = path + ".XXXXXX";
    const int fd = ::mkostemp(beside.data(), O_CLOEXEC);
    if (fd < 0) {
        return fail({errno == EACCES ? Errc::permission : Errc::system,
                     fmt::format("{} cannot be written: {}", path, std::strerror(errno)),
                     {},
                     "name another place with --pid-file"});
    }
    const std::string text = fmt::format("{}\n", ::getpid());
    const bool written = ::fchmod(fd, 0644) == 0 &&
                         ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::rename(beside.c_str(), path.c_str()) == 0;
    const int error = errno;
    ::close(fd);
    if (!written) {
        ::unlink(beside.c_str());
        errno = error;
        return fail(Errc::system, fmt::format("{} cannot be written: {}", path, std::strerror(errno)));
    }
    return PidFile(path);
}

PidFile::PidFile(PidFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}

PidFile::~PidFile() {
    if (!path_.empty()) {
        ::unlink(path_.c_str());
    }
}

}  // namespace causeway::daemon
