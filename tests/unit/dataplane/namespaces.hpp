// Network namespaces that end with the test program, however it ends: they have no name, only descriptors.
#pragma once

#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <sched.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace causeway::test {

/// The namespace that the program started in, and new ones.
class Namespace {
 public:
    /// Makes a new one and leaves the caller in the one it was in; not valid() without the rights.
    static Namespace make() {
        Namespace made;
        const int home = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        if (unshare(CLONE_NEWNET) == 0) {
            made.fd_ = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
            [[maybe_unused]] const int up = std::system("ip link set lo up");
            EXPECT_EQ(setns(home, CLONE_NEWNET), 0);
        }
        ::close(home);
        return made;
    }
    Namespace(Namespace&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Namespace& operator=(Namespace&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Namespace(const Namespace&) = delete;
    Namespace& operator=(const Namespace&) = delete;
    ~Namespace() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    [[nodiscard]] bool valid() const { return fd_ >= 0; }
    [[nodiscard]] int fd() const { return fd_; }
    /// A path by which another process (ip) finds it.
    [[nodiscard]] std::string path() const { return fmt::format("/proc/{}/fd/{}", getpid(), fd_); }

 private:
    Namespace() = default;
    int fd_ = -1;
};

/// In a namespace for the life of the object; sockets opened meanwhile stay in it.
class Within {
 public:
    explicit Within(const Namespace& ns) : home_(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) {
        EXPECT_EQ(setns(ns.fd(), CLONE_NEWNET), 0);
    }
    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;
    ~Within() {
        EXPECT_EQ(setns(home_, CLONE_NEWNET), 0);
        ::close(home_);
    }

 private:
    int home_;
};

/// A shell command; true when it succeeded.
inline bool shell(const std::string& command) {
    return std::system(command.c_str()) == 0;
}

/// What a shell command prints.
inline std::string output_of(const std::string& command) {
    std::string text;
    if (FILE* pipe = popen(command.c_str(), "r")) {
        char buffer[4096];
        std::size_t got = 0;
        while ((got = fread(buffer, 1, sizeof buffer, pipe)) > 0) {
            text.append(buffer, got);
        }
        pclose(pipe);
    }
    return text;
}

/// Why the tests of this machine cannot use namespaces; empty when they can.
inline std::string no_namespaces() {
    if (geteuid() != 0) {
        return "needs root: network namespaces and a TUN device";
    }
    if (access("/dev/net/tun", R_OK | W_OK) != 0) {
        return "needs /dev/net/tun";
    }
    return Namespace::make().valid() ? "" : "needs network namespaces";
}

}  // namespace causeway::test
