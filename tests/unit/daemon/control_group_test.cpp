// Who may use the control socket: what only asks, and what the mode of the socket becomes.
#include "daemon/control_group.hpp"

#include <array>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace causeway::daemon {
namespace {

TEST(ControlGroup, AsksAndChangesNothing) {
    using Firewall = control::AskFirewall;
    for (const control::Request& asks :
         std::vector<control::Request>{control::AskVersion{}, control::AskStatus{}, control::AskHistory{},
                                       Firewall{Firewall::Action::show}}) {
        EXPECT_TRUE(only_asks(asks)) << control::name_of(asks);
    }
    for (const control::Request& changes : std::vector<control::Request>{
             control::Up{}, control::Down{}, control::ReloadConfiguration{}, control::Stop{},
             control::SetLogLevel{}, Firewall{Firewall::Action::apply}, Firewall{Firewall::Action::remove}}) {
        EXPECT_FALSE(only_asks(changes)) << control::name_of(changes);
        const auto reply = not_permitted(changes, ControlRights::ask);
        EXPECT_EQ(reply.exit, control::Exit::no);
        EXPECT_NE(reply.message.find("'" + std::string(control::name_of(changes)) + "' is not permitted"),
                  std::string::npos);
    }
}

TEST(ControlGroup, KnowsItsOwnUser) {
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
    EXPECT_EQ(rights_at(pair[0], false), ControlRights::everything);
    ::close(pair[0]);
    ::close(pair[1]);
    EXPECT_EQ(rights_at(-1, true), ControlRights::none);
}

TEST(ControlGroup, SetsTheModeOfTheSocket) {
    std::string path = ::testing::TempDir() + "causeway-socket-XXXXXX";
    const int file = ::mkstemp(path.data());
    ASSERT_GE(file, 0);
    struct stat there {};
    ASSERT_TRUE(let_group_use(path, ::getegid()));
    ASSERT_EQ(::fstat(file, &there), 0);
    EXPECT_EQ(there.st_mode & 07777U, 0660U);
    EXPECT_EQ(there.st_gid, ::getegid());
    ASSERT_TRUE(let_group_use(path, std::nullopt));
    ASSERT_EQ(::fstat(file, &there), 0);
    EXPECT_EQ(there.st_mode & 07777U, 0600U);
    ::unlink(path.c_str());
    ::close(file);
    EXPECT_FALSE(let_group_use(path, ::getegid()));
}

}  // namespace
}  // namespace causeway::daemon
