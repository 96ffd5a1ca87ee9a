// Both ends in one process; what a hostile end could send is written to its socket as octets.
#include "host/channel.hpp"

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace causeway::host {
namespace {

class ChannelTest : public testing::Test {
 protected:
    void SetUp() override {
        auto ends = Channel::open();
        ASSERT_TRUE(ends);
        near_ = std::move(ends->first);
        far_ = std::move(ends->second);
        near_.bound(std::chrono::milliseconds(50));
    }
    void write(const Bytes& octets) const {
        ASSERT_EQ(::send(far_.fd(), octets.data(), octets.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(octets.size()));
    }
    Errc error_of(std::size_t limit) {
        const auto got = near_.receive(limit);
        EXPECT_FALSE(got);
        return got ? Errc::exists : got.error().code;
    }
    Channel near_;
    Channel far_;
};

TEST_F(ChannelTest, MessagesComeWholeAndInTheirOrder) {
    ASSERT_TRUE(far_.send(Bytes{1, 2, 3}));
    ASSERT_TRUE(far_.send(Bytes{}));
    ASSERT_TRUE(far_.send(Bytes{4}));
    EXPECT_EQ(near_.receive(3)->octets, (Bytes{1, 2, 3}));
    EXPECT_EQ(near_.receive(3)->octets, Bytes{});
    EXPECT_EQ(near_.receive(3)->octets, Bytes{4});
}

TEST_F(ChannelTest, OneThatFillsEveryBufferComesWhole) {
    const Bytes large(3'000'000, 7);
    far_.bound(std::chrono::seconds(20));
    near_.bound(std::chrono::seconds(20));
    std::thread sender([&] { EXPECT_TRUE(far_.send(large)); });
    const auto got = near_.receive(large.size());
    sender.join();
    ASSERT_TRUE(got) << got.error().text();
    EXPECT_EQ(got->octets, large);
}

TEST_F(ChannelTest, ADescriptorComesWithItsMessageAndIsTheReceivers) {
    std::array<int, 2> pipe{-1, -1};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    const Descriptor in(pipe[1]);
    ASSERT_TRUE(far_.send(Bytes{1}, pipe[0]));
    ::close(pipe[0]);
    ASSERT_TRUE(far_.send(Bytes{2}));
    auto first = near_.receive(1);
    ASSERT_TRUE(first);
    ASSERT_TRUE(first->descriptor);
    EXPECT_NE(::fcntl(first->descriptor.get(), F_GETFD) & FD_CLOEXEC, 0);
    ASSERT_EQ(::write(in.get(), "x", 1), 1);
    char got = 0;
    EXPECT_EQ(::read(first->descriptor.get(), &got, 1), 1);
    EXPECT_FALSE(near_.receive(1)->descriptor);
}

TEST_F(ChannelTest, ALengthBeyondTheLimitIsRefusedBeforeAnythingIsMadeReady) {
    write({0xff, 0xff, 0xff, 0xff, 1});
    EXPECT_EQ(error_of(1000), Errc::limit);
}

TEST_F(ChannelTest, AMessageThatStopsInTheMiddleIsNoMessage) {
    write({0, 0, 0, 4, 1, 2});
    EXPECT_EQ(error_of(1000), Errc::malformed);
}

TEST_F(ChannelTest, AnEndInTheMiddleIsNoMessageAndAnEndBetweenTwoIsTheEnd) {
    write({0, 0, 0, 1, 9, 0, 0});
    far_.close();
    EXPECT_EQ(near_.receive(1)->octets, Bytes{9});
    EXPECT_EQ(error_of(1), Errc::malformed);
    EXPECT_EQ(error_of(1), Errc::cancelled);
}

TEST_F(ChannelTest, SendingToNobodyIsAnErrorAndNoSignal) {
    far_.close();
    EXPECT_FALSE(near_.send(Bytes{1}));
}

TEST_F(ChannelTest, OneThatNeverReadsIsGivenUp) {
    EXPECT_FALSE(near_.send(Bytes(8'000'000, 1)));
}

}  // namespace
}  // namespace causeway::host
