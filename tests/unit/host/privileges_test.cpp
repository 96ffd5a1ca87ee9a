// Judged by what somebody in the daemon's place can no longer do, and what it still can: a child gives up
// what the daemon gives up, then tries.
#include "host/privileges.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace causeway::host {
namespace {

class Privileges : public testing::Test {
 protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "only root has anything to give up";
        }
    }
    /// In a child after it has given up; its errno, 0 when `attempt` worked.
    static int errno_of(const std::function<bool()>& attempt) {
        const pid_t child = ::fork();
        if (child == 0) {
            if (!give_up_privileges().empty()) {
                ::_exit(255);
            }
            errno = 0;
            ::_exit(attempt() ? 0 : errno);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
};

TEST_F(Privileges, WhatTheDaemonNeverDoesIsNoLongerPossible) {
    const std::string foreign = testing::TempDir() + "causeway-foreign-file";
    const int file = ::open(foreign.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    ::close(file);
    ASSERT_EQ(::chown(foreign.c_str(), 65534, 65534), 0);
    const pid_t parent = ::getpid();
    EXPECT_EQ(errno_of([&] { return ::open(foreign.c_str(), O_RDONLY | O_CLOEXEC) >= 0; }), EACCES);
    EXPECT_EQ(errno_of([&] { return ::chown(foreign.c_str(), 0, 0) == 0; }), EPERM);
    EXPECT_EQ(errno_of([&] { return ::chmod(foreign.c_str(), 0666) == 0; }), EPERM);
    EXPECT_EQ(errno_of([] { return ::mount("none", "/mnt", "tmpfs", 0, nullptr) == 0; }), EPERM);
    EXPECT_EQ(errno_of([] { return ::chroot("/tmp") == 0; }), EPERM);
    EXPECT_EQ(errno_of([] { return ::unshare(CLONE_NEWNS) == 0; }), EPERM);
    EXPECT_EQ(errno_of([] { return ::sethostname("causeway", 8) == 0; }), EPERM);
    EXPECT_EQ(errno_of([&] { return ::ptrace(PTRACE_ATTACH, parent, nullptr, nullptr) == 0; }), EPERM);
    EXPECT_EQ(errno_of([] { return ::setuid(65534) == 0; }), EPERM);
    EXPECT_EQ(errno_of([] { return ::mknod("/tmp/causeway-device", S_IFCHR | 0600, 0x103) == 0; }), EPERM);
    ::unlink(foreign.c_str());
}

TEST_F(Privileges, PortsBelow1024AreTakenBefore) {
    EXPECT_EQ(errno_of([] {
                  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                  sockaddr_in address{};
                  address.sin_family = AF_INET;
                  address.sin_port = htons(1);
                  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
              }),
              EACCES);
}

TEST_F(Privileges, WhatItNeedsIsStillPossible) {
    EXPECT_EQ(errno_of([] { return ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ESP) >= 0; }), 0);
    EXPECT_EQ(errno_of([] {
                  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                  const int mark = 1;  // CAP_NET_ADMIN
                  return ::setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0;
              }),
              0);
}

TEST_F(Privileges, AProgramThatItStartsGetsNoMore) {
    EXPECT_EQ(
        errno_of([] {
            return std::system(
                       "test \"$(grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status | cut -f 2 | sort -u |"
                       " tr '\\n' ' ')\" = '0000000000000000 0000000000003000 ' && "
                       "grep -q 'NoNewPrivs:.1' /proc/self/status") == 0;
        }),
        0);
}

}  // namespace
}  // namespace causeway::host
