#include "host/udp_socket.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "host/packet_mark.hpp"
#include "host/port_owner.hpp"
#include "loop.hpp"

namespace causeway::host {
namespace {

using test::address;

// Loopback has all of 127.0.0.0/8: enough addresses to tell one from another.
UdpSocket open_v4() {
    auto opened = UdpSocket::open(UdpSocket::Family::v4, 0);
    EXPECT_TRUE(opened) << opened.error().text();
    return std::move(*opened);
}

// A loopback datagram is in the receiver's queue when the sending call returns.
std::vector<UdpDatagram> received(UdpSocket& socket, UdpRoom& room) {
    const auto got = socket.receive(room);
    return {got.begin(), got.end()};
}

TEST(UdpSocket, LearnsAtWhichAddressADatagramArrivedAndAnswersFromIt) {
    UdpSocket server = open_v4();
    UdpSocket client = open_v4();
    UdpRoom room;
    const Bytes question{1, 2, 3};
    ASSERT_TRUE(client.send({address("127.0.0.3"), {address("127.0.0.2"), server.port()}, question, 0}));
    auto at_server = received(server, room);
    ASSERT_EQ(at_server.size(), 1U);
    EXPECT_EQ(at_server[0].local, (Endpoint{address("127.0.0.2"), server.port()}));
    EXPECT_EQ(at_server[0].remote, (Endpoint{address("127.0.0.3"), client.port()}));
    EXPECT_TRUE(equal(at_server[0].payload, question));
    EXPECT_NE(at_server[0].device, 0U);
    ASSERT_TRUE(server.send({at_server[0].local.address, at_server[0].remote, at_server[0].payload, 0}));
    const auto at_client = received(client, room);
    ASSERT_EQ(at_client.size(), 1U);
    EXPECT_EQ(at_client[0].remote.address, address("127.0.0.2"));
}

TEST(UdpSocket, CarriesTheTypeOfService) {
    UdpSocket server = open_v4();
    UdpSocket client = open_v4();
    UdpRoom room;
    const Bytes octets{7};
    ASSERT_TRUE(client.send({{}, {address("127.0.0.1"), server.port()}, octets, 0xb8}));
    ASSERT_TRUE(client.send({{}, {address("127.0.0.1"), server.port()}, octets, 0}));
    const auto got = received(server, room);
    ASSERT_EQ(got.size(), 2U);
    EXPECT_EQ(got[0].tos, 0xb8);
    EXPECT_EQ(got[1].tos, 0);
}

TEST(UdpSocket, SendsABatchInOrderAndCountsWhatTheSystemRefuses) {
    UdpSocket server = open_v4();
    UdpSocket client = open_v4();
    UdpRoom room;
    std::vector<Bytes> payloads;
    for (std::uint8_t i = 0; i < 100; ++i) {
        payloads.push_back({i});
    }
    std::vector<UdpOutgoing> batch;
    for (const Bytes& payload : payloads) {
        batch.push_back({{}, {address("127.0.0.1"), server.port()}, payload, 0});
    }
    batch[10].remote.address = address("::1");  // not this socket's family
    batch[20].local = address("192.0.2.77");    // not this machine's address
    EXPECT_EQ(client.send_batch(batch), 2U);
    std::vector<std::uint8_t> seen;
    for (auto got = server.receive(room); !got.empty(); got = server.receive(room)) {
        EXPECT_LE(got.size(), UdpRoom::batch_datagrams);
        for (const auto& one : got) {
            seen.push_back(one.payload[0]);
        }
    }
    EXPECT_EQ(seen.size(), 98U);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 10) + std::count(seen.begin(), seen.end(), 20), 0);
}

TEST(UdpSocket, TakesTheLongestDatagramWhole) {
    UdpSocket server = open_v4();
    UdpSocket client = open_v4();
    UdpRoom room;
    const Bytes longest(65507, 0x5a);
    ASSERT_TRUE(client.send({{}, {address("127.0.0.1"), server.port()}, longest, 0}));
    const auto got = received(server, room);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].payload.size(), longest.size());
}

TEST(UdpSocket, RefusesToMixAddressFamilies) {
    UdpSocket client = open_v4();
    const auto sent = client.send({address("::1"), {address("127.0.0.1"), 9}, {}, 0});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::unsupported);
}

TEST(UdpSocket, WhatItSendsIsMarked) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs CAP_NET_ADMIN";
    }
    for (const auto family : {UdpSocket::Family::v4, UdpSocket::Family::v6}) {
        auto opened = UdpSocket::open(family, 0);
        ASSERT_TRUE(opened) << opened.error().text();
        const UdpSocket moved = std::move(*opened);
        EXPECT_TRUE(moved.marked());
        std::uint32_t mark = 0;
        socklen_t octets = sizeof mark;
        ASSERT_EQ(::getsockopt(moved.fd(), SOL_SOCKET, SO_MARK, &mark, &octets), 0);
        EXPECT_EQ(mark, packet_mark);
    }
}

TEST(UdpSocket, SaysThatAPortIsTakenAndWhoHasIt) {
    const UdpSocket first = open_v4();
    const auto second = UdpSocket::open(UdpSocket::Family::v4, first.port());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::exists);
    const auto owner = owner_of_udp_port(first.port());
    ASSERT_TRUE(owner);
    EXPECT_EQ(*owner, "test_host (pid " + std::to_string(::getpid()) + ")");
}

TEST(UdpSocket, NobodyOwnsAPortThatIsFree) {
    std::uint16_t port = 0;
    { port = open_v4().port(); }
    EXPECT_FALSE(owner_of_udp_port(port));
}

}  // namespace
}  // namespace causeway::host
