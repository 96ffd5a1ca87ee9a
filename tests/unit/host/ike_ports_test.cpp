#include "host/ike_ports.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <gmock/gmock.h>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <span>
#include <sys/socket.h>
#include <sys/uio.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "loop.hpp"

namespace causeway::host {
namespace {

using test::address;
using test::runs_until;

// Ports of the system's choice; `client` plays the peer, over IPv4.
class IkePortsTest : public ::testing::Test {
 protected:
    void SetUp() override {
        auto opened = IkePorts::open({0, 0}, {OffloadWish::on, OffloadWish::on});
        ASSERT_TRUE(opened) << opened.error().text();
        ports_ = std::move(*opened);
        ports_->on_ike = [this](const Endpoint& local, const Endpoint& remote, ByteView message) {
            ike_.push_back({local, remote, to_bytes(message)});
        };
        ports_->on_esp = [this](std::span<UdpDatagram> datagrams) {
            for (const auto& one : datagrams) {
                esp_.push_back(to_bytes(one.payload));
            }
        };
        ports_->attach(loop_);
        const auto listening = ports_->listening();
        ike_port_ = listening.at(0).port;
        nat_port_ = listening.at(1).port;
    }
    void say(std::uint16_t port, const Bytes& what) {
        ASSERT_TRUE(client_.send({address("127.0.0.9"), {address("127.0.0.1"), port}, what, 0}));
    }
    // Everything said before it has been dealt with once this has arrived.
    void settle() {
        const std::size_t before = ike_.size();
        say(ike_port_, {0xee});
        ASSERT_TRUE(runs_until(loop_, [&] { return ike_.size() > before; }));
        ike_.pop_back();
    }

    struct Message {
        Endpoint local;
        Endpoint remote;
        Bytes payload;
    };
    EventLoop loop_;
    std::unique_ptr<IkePorts> ports_;
    UdpSocket client_ =
        std::move(*UdpSocket::open(UdpSocket::Family::v4, 0, {OffloadWish::off, OffloadWish::on}));
    std::uint16_t ike_port_ = 0;
    std::uint16_t nat_port_ = 0;
    std::vector<Message> ike_;
    std::vector<Bytes> esp_;
};

TEST_F(IkePortsTest, TellsIkeFromEspFromKeepalivesOnTheNatPort) {
    say(nat_port_, {0xff});
    say(nat_port_, {0, 0, 0, 0, 1, 2, 3});
    say(nat_port_, {0, 0, 1, 0, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9});
    say(nat_port_, {});
    say(nat_port_, {0, 0});
    ASSERT_TRUE(
        runs_until(loop_, [&] { return ports_->counters().runts == 2 && !ike_.empty() && !esp_.empty(); }));
    EXPECT_EQ(ports_->counters().keepalives, 1U);
    ASSERT_EQ(ike_.size(), 1U);
    EXPECT_EQ(ike_[0].payload, (Bytes{1, 2, 3}));  // without its marker
    EXPECT_EQ(ike_[0].local, (Endpoint{address("127.0.0.1"), nat_port_}));
    EXPECT_EQ(ike_[0].remote, (Endpoint{address("127.0.0.9"), client_.port()}));
    ASSERT_EQ(esp_.size(), 1U);
    EXPECT_EQ(esp_[0].size(), 16U);
}

TEST_F(IkePortsTest, TellsWhatATrainMixes) {
    auto peer = UdpSocket::open(UdpSocket::Family::v4, 0, {OffloadWish::on, OffloadWish::off});
    ASSERT_TRUE(peer);
    ASSERT_TRUE(ports_->receives_trains().on) << ports_->receives_trains().why;
    const Bytes esp{0, 0, 1, 0, 0, 0, 0, 1, 9, 9};
    const Bytes other_esp{0, 0, 2, 0, 0, 0, 0, 7, 8, 8};
    const Bytes marked{0, 0, 0, 0, 1, 2, 3, 4, 5, 6};
    const Bytes keepalive{0xff};
    std::vector<UdpOutgoing> train;
    for (const Bytes* one : {&esp, &marked, &other_esp, &keepalive}) {
        train.push_back({{}, {address("127.0.0.1"), nat_port_}, *one, 0});
    }
    EXPECT_EQ(peer->send_batch(train), 0U);
    ASSERT_TRUE(runs_until(loop_, [&] { return ports_->counters().keepalives == 1; }));
    EXPECT_THAT(esp_, ::testing::ElementsAre(esp, other_esp));
    ASSERT_EQ(ike_.size(), 1U);
    EXPECT_EQ(ike_[0].payload, (Bytes{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(ports_->counters().runts, 0U);
}

TEST_F(IkePortsTest, SendsEspAsTrains) {
    const Bytes esp(20, 9);
    const std::vector<UdpOutgoing> batch(3, {{}, {address("127.0.0.9"), client_.port()}, esp, 0});
    ASSERT_TRUE(ports_->sends_trains().on) << ports_->sends_trains().why;
    EXPECT_EQ(ports_->send_esp(batch), 0U);
    Bytes room(100);
    EXPECT_EQ(::recv(client_.fd(), room.data(), room.size(), MSG_DONTWAIT), 60);
}

TEST_F(IkePortsTest, TheOtherPortCarriesNothingButIke) {
    say(ike_port_, {0xff});
    say(ike_port_, {0, 0, 0, 0, 1});
    settle();
    ASSERT_EQ(ike_.size(), 2U);
    EXPECT_EQ(ike_[0].payload, Bytes{0xff});
    EXPECT_EQ(ike_[1].payload, (Bytes{0, 0, 0, 0, 1}));
    EXPECT_EQ(ports_->counters().keepalives, 0U);
}

TEST_F(IkePortsTest, PutsTheMarkerInFrontOfIkeFromTheNatPortOnly) {
    const Endpoint peer{address("127.0.0.9"), client_.port()};
    const Bytes message{5, 6};
    UdpRoom room;
    ASSERT_TRUE(ports_->send_ike({address("127.0.0.1"), ike_port_}, peer, message));
    ASSERT_TRUE(ports_->send_ike({address("127.0.0.1"), nat_port_}, peer, message));
    ASSERT_TRUE(ports_->send_keepalive(address("127.0.0.1"), peer));
    const auto got = client_.receive(room);
    ASSERT_EQ(got.size(), 3U);
    EXPECT_EQ(to_bytes(got[0].payload), message);
    EXPECT_EQ(got[0].remote.port, ike_port_);
    EXPECT_EQ(to_bytes(got[1].payload), (Bytes{0, 0, 0, 0, 5, 6}));
    EXPECT_EQ(got[1].remote.port, nat_port_);
    EXPECT_EQ(to_bytes(got[2].payload), Bytes{0xff});
    EXPECT_EQ(got[2].remote.port, nat_port_);
}

TEST_F(IkePortsTest, IgnoresDevicesThatIkeIsNotSpokenOn) {
    DeviceFilter elsewhere({"no-such-dev"});
    const auto change = elsewhere.refresh();
    EXPECT_THAT(change.gone, ::testing::ElementsAre("no-such-dev"));
    ports_->set_devices(std::move(elsewhere));
    say(ike_port_, {1});
    ASSERT_TRUE(runs_until(loop_, [&] { return ports_->counters().other_devices == 1; }));
    EXPECT_TRUE(ike_.empty());
    ports_->set_devices(DeviceFilter({"lo"}));
    EXPECT_THAT(ports_->devices().refresh().appeared, ::testing::ElementsAre("lo"));
    settle();
}

TEST_F(IkePortsTest, APortThatIsNotOursSendsNothing) {
    const auto sent = ports_->send_ike({address("127.0.0.1"), 1}, {address("127.0.0.9"), 2}, Bytes{1});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::unsupported);
    EXPECT_EQ(ports_->counters().unsent, 1U);
}

TEST_F(IkePortsTest, ATakenPortIsReportedWithItsHolder) {
    const auto second = IkePorts::open({ike_port_, 0});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::exists);
    EXPECT_THAT(second.error().text(), ::testing::HasSubstr("is taken by test_host (pid "));
}

/// A socket that no program has open: its descriptor is in a message that nobody has read.
class NobodysSocket {
 public:
    NobodysSocket() {
        const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        socklen_t octets = sizeof name;
        EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
        EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &octets), 0);
        port_ = ntohs(name.sin_port);
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends_.data()), 0);
        char octet = 0;
        iovec text{&octet, 1};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
        msghdr message{};
        message.msg_iov = &text;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* const rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(rights), &socket, sizeof socket);
        EXPECT_EQ(::sendmsg(ends_[0], &message, 0), 1);
        ::close(socket);
    }
    NobodysSocket(const NobodysSocket&) = delete;
    NobodysSocket& operator=(const NobodysSocket&) = delete;
    ~NobodysSocket() { close(); }
    void close() {
        for (int& end : ends_) {
            if (end >= 0) {
                ::close(std::exchange(end, -1));
            }
        }
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
    std::array<int, 2> ends_{-1, -1};
    std::uint16_t port_ = 0;
};

TEST(IkePorts, APortOfAProgramThatHasJustEndedIsWaitedFor) {
    NobodysSocket left;
    std::thread ends([&] {
        ::poll(nullptr, 0, 50);  // what the kernel takes for it
        left.close();
    });
    const auto opened = IkePorts::open({left.port(), 0});
    ends.join();
    EXPECT_TRUE(opened) << opened.error().text();
}

TEST(IkePorts, APortThatNobodyGivesBackIsReported) {
    const NobodysSocket left;
    const auto opened = IkePorts::open({left.port(), 0});
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().text(), ::testing::HasSubstr("is taken by another program"));
}

TEST(DeviceFilter, WithoutNamesAdmitsAll) {
    DeviceFilter all;
    EXPECT_TRUE(all.admits(1));
    EXPECT_TRUE(all.admits(4711));
    const auto change = all.refresh();
    EXPECT_TRUE(change.appeared.empty() && change.gone.empty());
}

TEST(DeviceFilter, TellsAChangeOnce) {
    DeviceFilter filter({"lo", "no-such-dev"});
    auto change = filter.refresh();
    EXPECT_THAT(change.appeared, ::testing::ElementsAre("lo"));
    EXPECT_THAT(change.gone, ::testing::ElementsAre("no-such-dev"));
    change = filter.refresh();
    EXPECT_TRUE(change.appeared.empty() && change.gone.empty());
}

}  // namespace
}  // namespace causeway::host
