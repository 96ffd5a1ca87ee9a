// Confines itself as causewayd's second process does, and tries what that one must not be able to do, and what it cannot do
// without. Each attempt has a process of its own. Exit status 0: all is as it should be; what is not is said.
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <functional>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "host/privileges.hpp"
#include "host/system_calls.hpp"

namespace {

constexpr int not_confined = 250;
constexpr int killed = 251;

struct Attempt {
    const char* what;
    int expected;  ///< errno; 0: it works
    std::function<bool()> succeeds;
};

int outcome_of(const Attempt& attempt) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (!causeway::host::give_up_privileges().empty() ||
            !causeway::host::confine_system_calls().empty()) {
            ::_exit(not_confined);
        }
        errno = 0;
        ::_exit(attempt.succeeds() ? 0 : errno);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : killed;
}

bool socket_of(int family, int type, int protocol) {
    return ::socket(family, type | SOCK_CLOEXEC, protocol) >= 0;
}

bool spawns() {
    char name[] = "true";
    std::array<char*, 2> words{name, nullptr};
    pid_t child = 0;
    errno = ::posix_spawn(&child, "/bin/true", nullptr, nullptr, words.data(), nullptr);
    return errno == 0;
}

bool executes() {
    char name[] = "true";
    std::array<char*, 2> words{name, nullptr};
    ::execve("/bin/true", words.data(), nullptr);
    return false;
}

bool maps(int protection) {
    return ::mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

bool becomes_executable() {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && ::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

bool reads_the_parent(pid_t parent, void* at) {
    std::array<char, 16> room{};
    const iovec here{room.data(), room.size()};
    const iovec there{at, room.size()};
    return ::process_vm_readv(parent, &here, 1, &there, 1, 0) >= 0;
}

std::vector<Attempt> refused(pid_t parent, void* in_the_parent) {
    return {
        {"open a file", EPERM, [] { return ::open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0; }},
        {"make a file", EPERM,
         [] { return ::open("/tmp/causeway-made", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0; }},
        {"remove a file", EPERM, [] { return ::unlink("/tmp/causeway-nothing") == 0; }},
        {"rename a file", EPERM, [] { return ::rename("/tmp/causeway-a", "/tmp/causeway-b") == 0; }},
        {"ask for a file", EPERM, [] { return ::access("/etc/passwd", F_OK) == 0; }},
        {"make a folder", EPERM, [] { return ::mkdir("/tmp/causeway-folder", 0700) == 0; }},
        {"change into a folder", EPERM, [] { return ::chdir("/tmp") == 0; }},
        {"execute", EPERM, executes},
        {"start a program", EPERM, spawns},
        {"make a process", EPERM, [] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0; }},
        {"make a process that shares memory", EPERM,
         [] { return ::syscall(SYS_clone, CLONE_VM | SIGCHLD, 0, 0, 0, 0) >= 0; }},
        {"make a namespace", EPERM, [] { return ::unshare(CLONE_NEWUSER) == 0; }},
        {"open a raw socket", EPERM, [] { return socket_of(AF_INET, SOCK_RAW, IPPROTO_ESP); }},
        {"open a raw socket of IPv6", EPERM, [] { return socket_of(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6); }},
        {"open a socket for pings", EPERM, [] { return socket_of(AF_INET, SOCK_DGRAM, IPPROTO_ICMP); }},
        {"open netlink", EPERM, [] { return socket_of(AF_NETLINK, SOCK_RAW, 0); }},
        {"open a packet socket", EPERM, [] { return socket_of(AF_PACKET, SOCK_RAW, 0); }},
        {"open a socket of this machine", EPERM, [] { return socket_of(AF_UNIX, SOCK_STREAM, 0); }},
        {"take a port", EPERM,
         [] {
             sockaddr_in any{};
             any.sin_family = AF_INET;
             const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
             return ::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
         }},
        {"trace a process", EPERM, [=] { return ::ptrace(PTRACE_ATTACH, parent, nullptr, nullptr) == 0; }},
        {"read another process", EPERM, [=] { return reads_the_parent(parent, in_the_parent); }},
        {"signal another process", EPERM, [=] { return ::kill(parent, 0) == 0; }},
        {"signal a thread of another process", EPERM,
         [=] { return ::syscall(SYS_tgkill, parent, parent, 0) == 0; }},
        {"map memory to be executed", EPERM, [] { return maps(PROT_READ | PROT_EXEC); }},
        {"make memory executable", EPERM, becomes_executable},
        {"mount", EPERM, [] { return ::mount("none", "/mnt", "tmpfs", 0, nullptr) == 0; }},
        {"become somebody else", EPERM, [] { return ::setuid(65534) == 0; }},
        {"change what it may do", EPERM, [] { return ::prctl(PR_SET_DUMPABLE, 1) == 0; }},
        {"ask a device for anything", EPERM,
         [] {
             ifreq request{};
             const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
             return ::ioctl(fd, SIOCGIFFLAGS, &request) == 0;
         }},
        {"make a file in memory", EPERM, [] { return ::memfd_create("causeway", MFD_CLOEXEC) >= 0; }},
    };
}

bool runs_a_thread() {
    std::atomic<int> done{0};
    std::thread other([&] { done = socket_of(AF_NETLINK, SOCK_RAW, 0) ? 2 : 1; });
    other.join();
    errno = ENOTSUP;  // it ran, and is not confined
    return done == 1;
}

bool asks_a_name_server() {
    sockaddr_in somewhere{};
    somewhere.sin_family = AF_INET;
    somewhere.sin_port = htons(53);
    somewhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&somewhere), sizeof somewhere) == 0 &&
           ::send(fd, "?", 1, 0) == 1;
}

bool knows_the_time() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    timespec boot{};
    return ::localtime_r(&now, &local) != nullptr && ::clock_gettime(CLOCK_BOOTTIME, &boot) == 0;
}

std::vector<Attempt> admitted() {
    return {
        {"run a thread", 0, runs_a_thread},
        {"ask a name server", 0, asks_a_name_server},
        {"ask one by TCP and IPv6", 0,
         [] { return socket_of(AF_INET6, SOCK_STREAM, 0) || errno == EAFNOSUPPORT; }},
        {"find a device's index", 0,
         [] {
             ifreq request{};
             std::strcpy(static_cast<char*>(request.ifr_name), "lo");
             const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
             return ::ioctl(fd, SIOCGIFINDEX, &request) == 0;
         }},
        {"get memory and give it back", 0,
         [] {
             std::vector<char> much(std::size_t{16} << 20U, 'x');
             return much.back() == 'x';
         }},
        {"know the time", 0, knows_the_time},
        {"look at an open file", 0,
         [] {
             struct stat facts {};
             return ::fstat(STDERR_FILENO, &facts) == 0;
         }},
        {"wait", 0, [] { return ::poll(nullptr, 0, 1) == 0; }},
        {"block signals", 0,
         [] {
             sigset_t set;
             sigfillset(&set);
             return ::sigprocmask(SIG_BLOCK, &set, nullptr) == 0;
         }},
    };
}

}  // namespace

int main() {
    ::tzset();
    int slips = 0;
    int in_the_parent = 0;
    std::vector<Attempt> attempts = refused(::getpid(), &in_the_parent);
    for (Attempt& one : admitted()) {
        attempts.push_back(std::move(one));
    }
    for (const Attempt& attempt : attempts) {
        if (const int outcome = outcome_of(attempt); outcome != attempt.expected) {
            ++slips;
            std::fprintf(stderr, "%s: %s, not %s\n", attempt.what,
                         outcome == not_confined ? "the filter was not set"
                         : outcome == killed     ? "ended by a signal"
                                                 : std::strerror(outcome),
                         std::strerror(attempt.expected));
        }
    }
    std::printf("%zu attempts, %d slips\n", attempts.size(), slips);
    return slips == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
