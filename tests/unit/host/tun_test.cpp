// The TUN device with offloads and without: a stream between two network namespaces by way of two devices, whose
// frames a thread carries over.
#include "host/tun.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cstdint>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <numeric>
#include <optional>
#include <poll.h>
#include <span>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "host/udp_socket.hpp"
#include "loop.hpp"
#include "unit/dataplane/namespaces.hpp"

namespace causeway::host {
namespace {

using test::address;
using vnet::Segmentation;

constexpr unsigned mtu = 1400;
constexpr std::size_t ip_octets = 20;  // no options anywhere here

std::uint16_t sum_of(ByteView octets, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i < octets.size(); ++i) {
        sum += i % 2 == 0 ? static_cast<std::uint32_t>(octets[i] << 8) : octets[i];
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(sum);
}

void put16(std::span<std::uint8_t> at, std::size_t value) {
    at[0] = static_cast<std::uint8_t>(value >> 8);
    at[1] = static_cast<std::uint8_t>(value);
}

std::uint32_t get32(ByteView at) {
    return static_cast<std::uint32_t>(at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]);
}

// Sets the lengths and sums of a TCP packet over IPv4.
void finish(Bytes& packet) {
    const std::span<std::uint8_t> all(packet);
    const auto ip = all.first(ip_octets);
    const auto tcp = all.subspan(ip_octets);
    put16(ip.subspan(2), all.size());
    put16(ip.subspan(10), 0);
    put16(ip.subspan(10), static_cast<std::uint16_t>(~sum_of(ip)));
    put16(tcp.subspan(16), 0);
    const std::uint32_t pseudo =
        sum_of(ip.subspan(12, 8)) + IPPROTO_TCP + static_cast<std::uint32_t>(tcp.size());
    put16(tcp.subspan(16), static_cast<std::uint16_t>(~sum_of(tcp, pseudo)));
}

// The packets that a frame of TCP stands for, done.
std::vector<Bytes> packets_of(const Tun::Frame& frame) {
    std::vector<Bytes> out;
    if (frame.header.segmentation != Segmentation::tcp4) {
        out.push_back(to_bytes(frame.packet));
        if (frame.header.needs_checksum) {
            finish(out.back());
        }
        return out;
    }
    const std::size_t headers = ip_octets + 4U * (frame.packet[ip_octets + 12] >> 4);
    const std::uint32_t sequence = get32(frame.packet.subspan(ip_octets + 4));
    for (std::size_t at = headers; at < frame.packet.size(); at += frame.header.segment_octets) {
        const std::size_t octets =
            std::min<std::size_t>(frame.header.segment_octets, frame.packet.size() - at);
        Bytes& packet = out.emplace_back(to_bytes(frame.packet.first(headers)));
        append(packet, frame.packet.subspan(at, octets));
        const std::uint32_t own = sequence + static_cast<std::uint32_t>(at - headers);
        put16(std::span(packet).subspan(ip_octets + 4), own >> 16);
        put16(std::span(packet).subspan(ip_octets + 6), own & 0xffff);
        if (at + octets < frame.packet.size()) {
            packet[ip_octets + 13] &= 0xf6;  // FIN and PSH belong to the last one
        }
        finish(packet);
    }
    return out;
}

// As the merged packet that it is, in pieces.
Tun::Written write_whole(Tun& to, const Tun::Frame& frame) {
    std::vector<ByteView> pieces{frame.packet.first(ip_octets)};
    for (ByteView rest = frame.packet.subspan(ip_octets); !rest.empty();) {
        const std::size_t octets = std::min<std::size_t>(rest.size(), 1100);
        pieces.push_back(rest.first(octets));
        rest = rest.subspan(octets);
    }
    return to.write(frame.header, pieces);
}

class TunTest : public ::testing::Test {
 protected:
    struct End {
        test::Namespace ns = test::Namespace::make();
        std::optional<Tun> tun;
        std::size_t longest = 0;  ///< frame that the system gave
        std::size_t merged = 0;   ///< frames that were several packets
    };

    void SetUp() override {
        if (const auto why = test::no_namespaces(); !why.empty()) {
            GTEST_SKIP() << why;
        }
    }

    void start(OffloadWish here, OffloadWish there) {
        open(here_, "10.9.1.1/24", here);
        open(there_, "10.9.1.2/24", there);
    }
    static void open(End& end, const char* own, OffloadWish wish) {
        const test::Within inside(end.ns);
        auto opened = Tun::open({"tun-test", mtu, 2000, wish});
        ASSERT_TRUE(opened) << opened.error().text();
        end.tun = std::move(*opened);
        ASSERT_TRUE(test::shell(std::string("ip address add ") + own + " dev tun-test"));
        EXPECT_EQ(end.tun->offloads().tcp.on, wish != OffloadWish::off) << end.tun->offloads().tcp.why;
    }

    void carry_from(End& from, Tun& to) {
        while (true) {
            const Tun::Frame frame = from.tun->read(room_);
            if (frame.packet.empty()) {
                return;
            }
            from.longest = std::max(from.longest, frame.packet.size());
            from.merged += frame.header.segmentation != Segmentation::none ? 1 : 0;
            if (to.offloads().tcp.on) {
                write_whole(to, frame);
                continue;
            }
            for (const Bytes& packet : packets_of(frame)) {
                to.write(packet);
            }
        }
    }
    void carry() {
        while (!done_) {
            std::array<pollfd, 2> fds{pollfd{here_.tun->fd(), POLLIN, 0},
                                      pollfd{there_.tun->fd(), POLLIN, 0}};
            ::poll(fds.data(), fds.size(), 10);
            carry_from(here_, *there_.tun);
            carry_from(there_, *here_.tun);
        }
    }

    // Sends `data` from here to there over TCP; what has arrived.
    Bytes through(const Bytes& data) {
        const auto tcp = [](const End& end) {
            const test::Within inside(end.ns);
            const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const timeval limit{std::chrono::duration_cast<std::chrono::seconds>(test::patience).count(), 0};
            EXPECT_EQ(::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
            EXPECT_EQ(::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), 0);
            return fd;
        };
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(7);
        ::inet_pton(AF_INET, "10.9.1.2", &at.sin_addr);
        const int server = tcp(there_);
        const int client = tcp(here_);
        EXPECT_EQ(::bind(server, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
        EXPECT_EQ(::listen(server, 1), 0);
        done_ = false;
        std::thread carrier([this] { carry(); });
        std::thread sender([&] {
            EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
            for (std::size_t sent = 0; sent < data.size();) {
                const ssize_t took = ::send(client, &data[sent], data.size() - sent, MSG_NOSIGNAL);
                if (took <= 0) {
                    ADD_FAILURE() << "nothing goes after " << sent;
                    break;
                }
                sent += static_cast<std::size_t>(took);
            }
            ::shutdown(client, SHUT_WR);
        });
        Bytes arrived(data.size() + 1);
        std::size_t count = 0;
        const int stream = ::accept4(server, nullptr, nullptr, SOCK_CLOEXEC);
        for (ssize_t got = 0; (got = ::recv(stream, &arrived[count], arrived.size() - count, 0)) > 0;) {
            count += static_cast<std::size_t>(got);
        }
        arrived.resize(count);
        sender.join();
        done_ = true;
        carrier.join();
        for (const int fd : {server, client, stream}) {
            ::close(fd);
        }
        return arrived;
    }

    static Bytes data() {
        Bytes octets(2 << 20);
        std::uint32_t value = 1;
        std::generate(octets.begin(), octets.end(), [&] {
            value = value * 1664525 + 1013904223;
            return static_cast<std::uint8_t>(value >> 24);
        });
        return octets;
    }

    End here_;
    End there_;
    Bytes room_ = Bytes(Tun::frame_octets);
    std::atomic<bool> done_ = false;
};

class TunStream : public TunTest,
                  public ::testing::WithParamInterface<std::pair<OffloadWish, OffloadWish>> {};

TEST_P(TunStream, IsTheSameWhateverTheTwoDevicesCan) {
    const auto [here, there] = GetParam();
    start(here, there);
    if (HasFatalFailure()) {
        return;
    }
    const Bytes sent = data();
    EXPECT_TRUE(through(sent) == sent);
    if (here == OffloadWish::off) {
        EXPECT_EQ(here_.merged, 0U);
        EXPECT_LE(here_.longest, mtu);
    } else {
        EXPECT_GT(here_.merged, 0U);
        EXPECT_GT(here_.longest, 4 * mtu);
    }
    EXPECT_LE(there_.longest, mtu);  // acknowledgements
}

INSTANTIATE_TEST_SUITE_P(OnAndOff, TunStream,
                         ::testing::Values(std::pair{OffloadWish::on, OffloadWish::on},
                                           std::pair{OffloadWish::on, OffloadWish::off},
                                           std::pair{OffloadWish::off, OffloadWish::on},
                                           std::pair{OffloadWish::off, OffloadWish::off}));

TEST_F(TunTest, DatagramsGoMergedWhereTheKernelCan) {
    start(OffloadWish::on, OffloadWish::on);
    if (!here_.tun->offloads().udp.on) {
        GTEST_SKIP() << here_.tun->offloads().udp.why;
    }
    const auto socket_of = [](const End& end) {
        const test::Within inside(end.ns);
        return std::move(*UdpSocket::open(UdpSocket::Family::v4, 0, {OffloadWish::on, OffloadWish::on}));
    };
    UdpSocket client = socket_of(here_);
    UdpSocket server = socket_of(there_);
    std::vector<Bytes> payloads{Bytes(1000, 1), Bytes(1000, 2), Bytes(1000, 3), Bytes(10, 4)};
    std::vector<UdpOutgoing> batch;
    for (const Bytes& one : payloads) {
        batch.push_back({{}, {address("10.9.1.2"), server.port()}, one, 0});
    }
    EXPECT_EQ(client.send_batch(batch), 0U);
    const Tun::Frame frame = here_.tun->read(room_);
    EXPECT_EQ(frame.header.segmentation, Segmentation::udp);
    EXPECT_EQ(frame.header.segment_octets, 1000);
    EXPECT_TRUE(frame.header.needs_checksum);
    EXPECT_EQ(frame.packet.size(), ip_octets + 8 + 3010);
    EXPECT_EQ(write_whole(*there_.tun, frame), Tun::Written::taken);
    UdpRoom udp_room;
    std::vector<Bytes> got;
    for (const auto& one : server.receive(udp_room)) {
        got.push_back(to_bytes(one.payload));
    }
    EXPECT_EQ(got, payloads);
}

TEST_F(TunTest, OnceTheKernelTakesNoMergedPacketTheOffloadsAreOff) {
    start(OffloadWish::automatic, OffloadWish::on);
    Tun& tun = *here_.tun;
    const Bytes packet(200);
    const std::array<ByteView, 1> pieces{packet};
    vnet::Header wrong;
    wrong.segmentation = Segmentation::tcp4;  // in segments of no octets
    EXPECT_EQ(tun.write(wrong, pieces), Tun::Written::unmerged);
    EXPECT_EQ(tun.offloads().tcp, (OffloadState{false, "the kernel refuses merged packets"}));
    EXPECT_EQ(tun.offloads().udp, (OffloadState{false, "the kernel refuses merged packets"}));
    EXPECT_EQ(tun.write(wrong, pieces), Tun::Written::unmerged);
    const Bytes sent = data();
    EXPECT_TRUE(through(sent) == sent);
    EXPECT_EQ(here_.merged, 0U);
    EXPECT_LE(here_.longest, mtu);
}

TEST_F(TunTest, WithoutOffloadsNothingUnfinishedIsTaken) {
    start(OffloadWish::off, OffloadWish::off);
    Tun& tun = *here_.tun;
    EXPECT_EQ(tun.offloads().tcp, (OffloadState{false, "switched off"}));
    EXPECT_EQ(tun.offloads().udp, (OffloadState{false, "switched off"}));
    Bytes packet(40);
    packet[0] = 0x45;
    packet[9] = IPPROTO_TCP;
    packet[32] = 0x50;
    finish(packet);
    const std::array<ByteView, 2> pieces{ByteView(packet).first(20), ByteView(packet).subspan(20)};
    EXPECT_EQ(tun.write({}, pieces), Tun::Written::taken);
    vnet::Header header;
    header.needs_checksum = true;
    EXPECT_EQ(tun.write(header, pieces), Tun::Written::refused);
    header.segmentation = Segmentation::tcp4;
    EXPECT_EQ(tun.write(header, pieces), Tun::Written::unmerged);
    EXPECT_EQ(tun.write({}, std::vector<ByteView>(Tun::most_pieces + 1)), Tun::Written::refused);
    EXPECT_TRUE(tun.read(room_).packet.empty());
}

TEST_F(TunTest, WhatALastingDeviceWasAskedForBeforeIsForgotten) {
    const test::Within inside(here_.ns);
    ASSERT_TRUE(test::shell("ip tuntap add dev tun-test mode tun vnet_hdr"));
    {
        auto first = Tun::open({"tun-test", mtu, 2000, OffloadWish::on});
        ASSERT_TRUE(first) << first.error().text();
        EXPECT_TRUE(first->offloads().tcp.on) << first->offloads().tcp.why;
    }
    there_.tun = std::nullopt;
    open(here_, "10.9.1.1/24", OffloadWish::off);
    open(there_, "10.9.1.2/24", OffloadWish::off);
    const Bytes sent = data();
    EXPECT_TRUE(through(sent) == sent);
    EXPECT_LE(here_.longest, mtu);
}

}  // namespace
}  // namespace causeway::host
