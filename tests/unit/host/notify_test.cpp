#include "host/notify.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace causeway::host {
namespace {

/// An init system that listens: bound to a path, or to a name that is in no file system.
class Init {
 public:
    explicit Init(const std::string& name)
        : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), name_(name) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        if (name[0] == '@') {
            address.sun_path[0] = 0;
        }
        EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address),
                         static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())),
                  0);
        ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    }
    Init(const Init&) = delete;
    Init& operator=(const Init&) = delete;
    ~Init() {
        ::unsetenv("NOTIFY_SOCKET");
        ::close(fd_);
        if (name_[0] == '/') {
            ::unlink(name_.c_str());
        }
    }
    [[nodiscard]] std::string heard() const {
        char text[128];
        const ssize_t got = ::recv(fd_, text, sizeof text, MSG_DONTWAIT);
        return got < 0 ? "nothing" : std::string(text, static_cast<std::size_t>(got));
    }

 private:
    int fd_;
    std::string name_;
};

TEST(Notify, ReachesASocketOfEitherKind) {
    for (const std::string& name : {fmt::format("/tmp/causeway-notify-{}", ::getpid()),
                                    fmt::format("@causeway-notify-{}", ::getpid())}) {
        const Init init(name);
        EXPECT_TRUE(tell_init("READY=1")) << name;
        EXPECT_EQ(init.heard(), "READY=1") << name;
    }
}

TEST(Notify, WithoutAnInitThatListensNothingIsSent) {
    ::unsetenv("NOTIFY_SOCKET");
    EXPECT_TRUE(tell_init("READY=1"));
}

TEST(Notify, WhatIsNoSocketIsAFailureAndNoMore) {
    for (const std::string& odd : {std::string("/nowhere/socket"), std::string("relative"), std::string(),
                                   std::string("/") + std::string(200, 'x')}) {
        ::setenv("NOTIFY_SOCKET", odd.c_str(), 1);
        EXPECT_FALSE(tell_init("READY=1")) << odd;
    }
    ::unsetenv("NOTIFY_SOCKET");
}

}  // namespace
}  // namespace causeway::host
