// Datagrams that the system takes and gives several at a time.
#include <algorithm>
#include <array>
#include <cstdint>
#include <gmock/gmock.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "host/udp_messages.hpp"
#include "host/udp_socket.hpp"
#include "loop.hpp"
#include "unit/dataplane/namespaces.hpp"

namespace causeway::host {
namespace {

using test::address;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr UdpOffload both{OffloadWish::on, OffloadWish::on};

UdpSocket open(UdpSocket::Family family, const UdpOffload& offload) {
    auto opened = UdpSocket::open(family, 0, offload);
    EXPECT_TRUE(opened) << opened.error().text();
    return std::move(*opened);
}

// Datagrams of these sizes, no two alike, for 127.0.0.1 until told otherwise.
struct Batch {
    Batch(const std::vector<std::size_t>& sizes, std::uint16_t port) {
        payloads.reserve(sizes.size());
        for (const std::size_t size : sizes) {
            Bytes& payload = payloads.emplace_back(size);
            std::iota(payload.begin(), payload.end(), static_cast<std::uint8_t>(payloads.size() * 7));
            datagrams.push_back({{}, {address("127.0.0.1"), port}, payload, 0});
        }
    }
    std::vector<Bytes> payloads;
    std::vector<UdpOutgoing> datagrams;
};

struct Got {
    Bytes payload;
    std::uint8_t tos = 0;
};

std::vector<Got> all_of(UdpSocket& socket) {
    UdpRoom room;
    std::vector<Got> all;
    for (auto got = socket.receive(room); !got.empty(); got = socket.receive(room)) {
        for (const auto& one : got) {
            all.push_back({to_bytes(one.payload), one.tos});
        }
    }
    return all;
}

std::vector<Bytes> payloads_of(UdpSocket& socket) {
    std::vector<Bytes> out;
    for (Got& one : all_of(socket)) {
        out.push_back(std::move(one.payload));
    }
    return out;
}

// What the system gives as one, in octets.
std::vector<std::size_t> messages_of(const UdpSocket& socket) {
    std::vector<std::size_t> sizes;
    static std::array<std::uint8_t, 65536> room;
    for (ssize_t got = 0; (got = ::recv(socket.fd(), room.data(), room.size(), MSG_DONTWAIT)) >= 0;) {
        sizes.push_back(static_cast<std::size_t>(got));
    }
    return sizes;
}

bool without_checksums(int fd, const std::string& name) {
    ethtool_value off{ETHTOOL_STXCSUM, 0};
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(&off);
    return ::ioctl(fd, SIOCETHTOOL, &request) == 0;
}

class UdpTrains : public ::testing::Test {
 protected:
    UdpSocket client_ = open(UdpSocket::Family::v4, both);
    UdpSocket server_ = open(UdpSocket::Family::v4, both);
    UdpSocket plain_ = open(UdpSocket::Family::v4, {});
};

TEST_F(UdpTrains, DatagramsOfOneSizeGoAsOneMessage) {
    ASSERT_TRUE(client_.sends_trains().on) << client_.sends_trains().why;
    ASSERT_TRUE(server_.receives_trains().on) << server_.receives_trains().why;
    const Batch batch({100, 100, 100, 40, 100, 200, 200, 0, 0, 7}, server_.port());
    EXPECT_EQ(client_.send_batch(batch.datagrams), 0U);
    EXPECT_THAT(messages_of(server_), ElementsAre(340, 100, 400, 0, 0, 7));
}

TEST_F(UdpTrains, ASocketThatWasNotAskedToSendsThemOneByOne) {
    const Batch batch({100, 100, 100}, server_.port());
    EXPECT_EQ(plain_.send_batch(batch.datagrams), 0U);
    EXPECT_THAT(messages_of(server_), ElementsAre(100, 100, 100));
    EXPECT_EQ(plain_.sends_trains(), (OffloadState{false, "switched off"}));
    EXPECT_EQ(plain_.receives_trains(), (OffloadState{false, "switched off"}));
}

TEST_F(UdpTrains, ArriveOctetForOctetInOrderAtEitherKindOfSocket) {
    for (const auto family : {UdpSocket::Family::v4, UdpSocket::Family::v6}) {
        UdpSocket client = open(family, both);
        for (const UdpOffload& offload : {both, UdpOffload{}}) {
            UdpSocket server = open(family, offload);
            std::vector<std::size_t> sizes(100, 1428);
            sizes.insert(sizes.end(),
                         {1000, 1428, 1, 1, 1, 0, 1428, 1428, 52, 52, 52, 8, 9, 60000, 60000, 9});
            sizes.insert(sizes.end(), 300, 52);
            Batch batch(sizes, server.port());
            if (family == UdpSocket::Family::v6) {
                for (auto& one : batch.datagrams) {
                    one.remote.address = address("::1");
                    one.local = address("::1");
                }
            }
            EXPECT_EQ(client.send_batch(batch.datagrams), 0U);
            EXPECT_EQ(payloads_of(server), batch.payloads);
        }
    }
}

TEST_F(UdpTrains, HaveAtMost64DatagramsAnd65000Octets) {
    EXPECT_EQ(client_.send_batch(Batch(std::vector<std::size_t>(130, 20), server_.port()).datagrams), 0U);
    EXPECT_THAT(messages_of(server_), ElementsAre(64 * 20, 64 * 20, 2 * 20));
    EXPECT_EQ(client_.send_batch(Batch(std::vector<std::size_t>(50, 1400), server_.port()).datagrams), 0U);
    EXPECT_THAT(messages_of(server_), ElementsAre(46 * 1400, 4 * 1400));
}

TEST_F(UdpTrains, ADatagramOfAnotherKindEndsOne) {
    UdpSocket other = open(UdpSocket::Family::v4, both);
    Batch batch(std::vector<std::size_t>(10, 50), server_.port());
    batch.datagrams[2].tos = 0xb8;
    batch.datagrams[3].tos = 0xb8;
    batch.datagrams[5].remote.port = other.port();
    batch.datagrams[6].local = address("127.0.0.5");
    batch.datagrams[7].dont_fragment = true;
    batch.datagrams[8].dont_fragment = true;
    EXPECT_EQ(client_.send_batch(batch.datagrams), 0U);
    EXPECT_THAT(messages_of(server_), ElementsAre(100, 100, 50, 50, 50, 50, 50));
    EXPECT_THAT(messages_of(other), ElementsAre(50));
}

TEST_F(UdpTrains, EachDatagramOfOneHasWhatItsMessageCameWith) {
    Batch batch({50, 50, 50, 50}, server_.port());
    for (auto& one : batch.datagrams) {
        one.tos = 0x02;
        one.local = address("127.0.0.4");
    }
    EXPECT_EQ(client_.send_batch(batch.datagrams), 0U);
    UdpRoom room;
    const auto got = server_.receive(room);
    ASSERT_EQ(got.size(), 4U);
    for (const auto& one : got) {
        EXPECT_EQ(one.tos, 0x02);
        EXPECT_EQ(one.remote, (Endpoint{address("127.0.0.4"), client_.port()}));
        EXPECT_EQ(one.local, (Endpoint{address("127.0.0.1"), server_.port()}));
        EXPECT_NE(one.device, 0U);
    }
}

TEST_F(UdpTrains, FewMessagesAreTakenAtATimeUntilNoneHasComeForLong) {
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(client_.send_batch(Batch({60, 60, 60}, server_.port()).datagrams), 0U);
    }
    const std::vector<std::size_t> singles(4 + 1024 + 64 + 4, 60);
    EXPECT_EQ(plain_.send_batch(Batch(singles, server_.port()).datagrams), 0U);
    UdpRoom room;
    std::vector<std::size_t> sizes;
    for (auto got = server_.receive(room); !got.empty(); got = server_.receive(room)) {
        sizes.push_back(got.size());
    }
    std::vector<std::size_t> expected{24, 24, 4 * 3 + 4};
    expected.insert(expected.end(), 1024 / 8, 8);
    expected.insert(expected.end(), {64, 4});
    EXPECT_EQ(sizes, expected);
}

TEST_F(UdpTrains, ARefusedOneIsSentDatagramByDatagramAndToldOnce) {
    const int yes = 1;  // datagrams without checksum, of which the system makes no trains
    ASSERT_EQ(::setsockopt(client_.fd(), SOL_SOCKET, SO_NO_CHECK, &yes, sizeof yes), 0);
    std::vector<std::string> told;
    client_.on_no_trains = [&](const IpAddress& remote, std::string_view why) {
        told.push_back(remote.text() + ": " + std::string(why));
    };
    Batch batch({80, 90, 90, 90, 20, 70, 70, 70}, server_.port());
    EXPECT_EQ(client_.send_batch(batch.datagrams), 0U);
    EXPECT_EQ(payloads_of(server_), batch.payloads);
    EXPECT_EQ(client_.send_batch(batch.datagrams), 0U);
    EXPECT_THAT(messages_of(server_), ElementsAre(80, 90, 90, 90, 20, 70, 70, 70));
    EXPECT_THAT(told, ElementsAre(HasSubstr("127.0.0.1: ")));
    EXPECT_TRUE(client_.sends_trains().on);
    EXPECT_THAT(client_.sends_trains().why, HasSubstr("not to 127.0.0.1: "));
    // Another address is another matter; and that one is not asked again, though it could.
    const int no = 0;
    ASSERT_EQ(::setsockopt(client_.fd(), SOL_SOCKET, SO_NO_CHECK, &no, sizeof no), 0);
    batch.datagrams[1].remote.address = batch.datagrams[2].remote.address = address("127.0.0.2");
    EXPECT_EQ(client_.send_batch(batch.datagrams), 0U);
    EXPECT_THAT(messages_of(server_), ElementsAre(80, 180, 90, 20, 70, 70, 70));
}

TEST_F(UdpTrains, WhatCannotBeSentAtAllIsCountedAndNoTrainsFault) {
    client_.on_no_trains = [](const IpAddress&, std::string_view) { ADD_FAILURE(); };
    Batch batch(std::vector<std::size_t>(10, 50), server_.port());
    for (std::size_t i = 3; i < 7; ++i) {
        batch.datagrams[i].local = address("192.0.2.77");  // not this machine's address
    }
    batch.datagrams[9].remote.address = address("::1");  // not this socket's family
    EXPECT_EQ(client_.send_batch(batch.datagrams), 5U);
    EXPECT_THAT(messages_of(server_), ElementsAre(150, 100));
    EXPECT_EQ(client_.sends_trains().why, "");
}

TEST(UdpTrainsOnTheWay, DatagramsLargerThanTheDeviceTakesAreFragmented) {
    const auto own = test::Namespace::make();
    if (!own.valid()) {
        GTEST_SKIP() << "needs root: a network namespace";
    }
    const test::Within inside(own);
    ASSERT_TRUE(test::shell("ip link set lo mtu 1000"));
    UdpSocket client = open(UdpSocket::Family::v4, both);
    UdpSocket server = open(UdpSocket::Family::v4, both);
    std::string told;
    client.on_no_trains = [&](const IpAddress&, std::string_view why) { told = why; };
    const Batch batch({500, 500, 1400, 1400, 1400, 900, 900}, server.port());
    EXPECT_EQ(client.send_batch(batch.datagrams), 0U);
    EXPECT_EQ(payloads_of(server), batch.payloads);
    EXPECT_EQ(told, "those of 1400 octets are larger than the way carries");
    // Shorter ones go on as trains: who learns what the way carries sends no longer ones.
    EXPECT_EQ(client.send_batch(Batch({1400, 1400, 900, 900}, server.port()).datagrams), 0U);
    EXPECT_THAT(messages_of(server), ElementsAre(1400, 1400, 1800));
    // No way at all: each datagram of the train has failed.
    Batch nowhere({500, 500, 500}, server.port());
    for (auto& one : nowhere.datagrams) {
        one.remote.address = address("192.0.2.1");
    }
    EXPECT_EQ(client.send_batch(nowhere.datagrams), 3U);
}

// Kernels before 6.11 refuse trains here, later ones compute the sums.
TEST(UdpTrainsOnTheWay, ADeviceThatComputesNoChecksumsLosesNothing) {
    const auto here = test::Namespace::make();
    const auto there = test::Namespace::make();
    if (!here.valid() || !there.valid()) {
        GTEST_SKIP() << "needs root: network namespaces";
    }
    std::optional<UdpSocket> client;
    std::optional<UdpSocket> server;
    {
        const test::Within inside(there);
        ASSERT_TRUE(test::shell("ip link add lan type veth peer name wan netns " + here.path() +
                                " && ip address add 192.0.2.2/24 dev lan && ip link set lan up"));
        server = open(UdpSocket::Family::v4, both);
    }
    const test::Within inside(here);
    ASSERT_TRUE(test::shell("ip address add 192.0.2.1/24 dev wan && ip link set wan up"));
    client = open(UdpSocket::Family::v4, both);
    ASSERT_TRUE(without_checksums(client->fd(), "wan"));
    Batch batch({1400, 1400, 1400, 300, 52, 52, 52}, server->port());
    for (auto& one : batch.datagrams) {
        one.remote.address = address("192.0.2.2");
    }
    EXPECT_EQ(client->send_batch(batch.datagrams), 0U);
    EventLoop loop;
    std::vector<Bytes> got;
    const auto watch = loop.watch(server->fd(), [&] {
        for (Bytes& one : payloads_of(*server)) {
            got.push_back(std::move(one));
        }
    });
    EXPECT_TRUE(test::runs_until(loop, [&] { return got.size() >= batch.payloads.size(); }));
    EXPECT_EQ(got, batch.payloads);
}

TEST(SplitTrain, ASegmentSizeThatCannotBeMakesOneDatagram) {
    Bytes octets(10);
    UdpDatagram like;
    like.tos = 3;
    const auto split = [&](std::size_t octets_of_it, std::size_t segment) {
        std::vector<UdpDatagram> out;
        std::vector<std::size_t> sizes;
        const std::size_t count = split_train(std::span(octets).first(octets_of_it), segment, like, out);
        EXPECT_EQ(count, out.size());
        const std::uint8_t* at = octets.data();
        for (const auto& one : out) {
            EXPECT_EQ(one.payload.data(), at);
            EXPECT_EQ(one.tos, 3);
            at += one.payload.size();
            sizes.push_back(one.payload.size());
        }
        return sizes;
    };
    EXPECT_THAT(split(10, 0), ElementsAre(10));
    EXPECT_THAT(split(10, 11), ElementsAre(10));
    EXPECT_THAT(split(10, 10), ElementsAre(10));
    EXPECT_THAT(split(10, 5), ElementsAre(5, 5));
    EXPECT_THAT(split(10, 9), ElementsAre(9, 1));
    EXPECT_THAT(split(0, 0), ElementsAre(0));
    EXPECT_THAT(split(0, 4), ElementsAre(0));
}

}  // namespace
}  // namespace causeway::host
