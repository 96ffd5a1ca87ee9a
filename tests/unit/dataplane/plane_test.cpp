// Two userspace planes between two LANs, in five namespaces: lan_a - gw_a - internet - gw_b - lan_b. The
// middle knows the way to both LANs, so that whatever leaves in clear arrives and is seen.
#include "dataplane/userspace/plane.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <span>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <utility>
#include <variant>
#include <vector>

#include "host/event_loop.hpp"
#include "host/ike_ports.hpp"
#include "unit/dataplane/namespaces.hpp"
#include "unit/esp/packets.hpp"

namespace causeway::dataplane {
namespace {

using test::Namespace;
using test::output_of;
using test::shell;
using test::Within;

sockaddr_in name_of(const Endpoint& endpoint) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(endpoint.port);
    name.sin_addr.s_addr = htonl(endpoint.address.v4_number());
    return name;
}

struct Socket {
    int fd = -1;
    Socket() = default;
    Socket(int type, int protocol) : fd(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol)) {}
    explicit Socket(int taken) : fd(taken) {}
    Socket(Socket&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(fd, other.fd);
        return *this;
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (fd >= 0) {
            ::close(fd);
        }
    }
    void bind_to(const Endpoint& local) const {
        const sockaddr_in name = name_of(local);
        EXPECT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0) << local.text();
    }
};

const IpAddress wan_a = *IpAddress::parse("203.0.113.56");
const IpAddress wan_b = *IpAddress::parse("198.51.100.112");
const IpAddress host_a = *IpAddress::parse("192.168.1.2");
const IpAddress host_b = *IpAddress::parse("192.168.0.3");

bool is_esp(ByteView packet) {
    const bool later_fragment = (test::get16(packet, 6) & 0x1fff) != 0;
    return packet[9] == IPPROTO_ESP ||
           (packet[9] == 17 &&
            (later_fragment || test::get16(packet, std::size_t{packet[0] & 0x0fU} * 4) == 4500));
}

// Everything IP that crosses the middle, sorted into ESP (plain or in UDP) and the rest.
class Capture {
 public:
    explicit Capture(const Namespace& middle) {
        const Within in(middle);
        socket_ = Socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_IP)));
        EXPECT_GE(socket_.fd, 0);
        const int size = 8 << 20;
        setsockopt(socket_.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    }
    void drain() {
        Bytes buffer(65536);
        for (;;) {
            const ssize_t got = recv(socket_.fd, buffer.data(), buffer.size(), 0);
            if (got < 20) {
                return;
            }
            const std::size_t header = std::size_t{buffer[0] & 0x0fU} * 4;
            // A kernel whose ESP socket is gone complains about the protocol: that quotes ESP, nothing else.
            const bool about_esp =
                buffer[9] == 1 && buffer[header] == 3 && buffer[header + 8 + 9] == IPPROTO_ESP;
            const bool encrypted = is_esp(buffer) || about_esp;
            ++(encrypted ? esp : clear);
            if (!encrypted) {
                last_clear = to_hex(std::span(buffer).first(static_cast<std::size_t>(got)));
            }
            largest = std::max(largest, static_cast<std::size_t>(got));
            tos = encrypted ? buffer[1] : tos;
        }
    }
    std::size_t esp = 0;
    std::size_t clear = 0;
    std::string last_clear;  ///< hex, for messages
    std::size_t largest = 0;
    std::uint8_t tos = 0;

 private:
    Socket socket_;
};

struct Gateway {
    Namespace ns = Namespace::make();
    std::unique_ptr<host::IkePorts> ports;
    std::unique_ptr<UserspacePlane> plane;  ///< borrows the ports
    std::vector<sa::Event> events;
    std::vector<std::string> reports;
};

class PlaneTest : public ::testing::Test {
 protected:
    void SetUp() override {
        if (const std::string why = test::no_namespaces(); !why.empty()) {
            GTEST_SKIP() << why;
        }
        lan_a_ = std::make_unique<Namespace>(Namespace::make());
        lan_b_ = std::make_unique<Namespace>(Namespace::make());
        middle_ = std::make_unique<Namespace>(Namespace::make());
        a_ = std::make_unique<Gateway>();
        b_ = std::make_unique<Gateway>();
        wire(*lan_a_, "192.168.1.2/24", a_->ns, "192.168.1.1/24", "lan");
        wire(*lan_b_, "192.168.0.3/24", b_->ns, "192.168.0.1/24", "lan");
        wire(*middle_, "203.0.113.1/24", a_->ns, "203.0.113.56/24", "wana");
        wire(*middle_, "198.51.100.1/24", b_->ns, "198.51.100.112/24", "wanb");
        in(*lan_a_, "ip route add default via 192.168.1.1");
        in(*lan_b_, "ip route add default via 192.168.0.1");
        in(a_->ns, "ip route add default via 203.0.113.1; echo 1 > /proc/sys/net/ipv4/ip_forward");
        in(b_->ns, "ip route add default via 198.51.100.1; echo 1 > /proc/sys/net/ipv4/ip_forward");
        in(*middle_,
           "ip route add 192.168.1.0/24 via 203.0.113.56; ip route add 192.168.0.0/24 via 198.51.100.112; "
           "echo 1 > /proc/sys/net/ipv4/ip_forward");
        capture_ = std::make_unique<Capture>(*middle_);
    }

    static void in(const Namespace& ns, const std::string& command) {
        const Within within(ns);
        EXPECT_TRUE(shell(command)) << command;
    }
    static std::string told(const Namespace& ns, const std::string& command) {
        const Within within(ns);
        return output_of(command);
    }
    static void wire(const Namespace& one, const char* address_one, const Namespace& two,
                     const char* address_two, const std::string& name) {
        in(one, fmt::format("ip link add {0} type veth peer name {0} netns {1} && ip addr add {2} dev {0} && "
                            "ip link set {0} up",
                            name, two.path(), address_one));
        in(two, fmt::format("ip addr add {} dev {} && ip link set {} up", address_two, name, name));
    }

    static Policy policy(bool is_a) {
        Policy p;
        p.reqid = 1;
        p.name = "net";
        p.local.net = *Ipv4Net::parse(is_a ? "192.168.1.0/24" : "192.168.0.0/24");
        p.remote.net = *Ipv4Net::parse(is_a ? "192.168.0.0/24" : "192.168.1.0/24");
        return p;
    }
    void open(Gateway& gateway, bool is_a, bool configure = true) {
        const Within within(gateway.ns);
        auto ports = host::IkePorts::open({});
        ASSERT_TRUE(ports) << ports.error().text();
        gateway.ports = std::move(*ports);
        Options options;
        options.clock = host::now;
        auto plane = UserspacePlane::open(options);
        ASSERT_TRUE(plane) << plane.error().text();
        gateway.plane = std::move(*plane);
        gateway.plane->attach(*loop_, *gateway.ports);
        gateway.ports->attach(*loop_);
        gateway.plane->on_event = [&gateway](const sa::Event& event) { gateway.events.push_back(event); };
        gateway.plane->on_report = [&gateway](const Event& event) {
            gateway.reports.push_back(event.text());
        };
        if (configure) {
            const Policy p = policy(is_a);
            const auto done = gateway.plane->set_policies({&p, 1});
            ASSERT_TRUE(done) << done.error().text();
        }
    }
    static void close(Gateway& gateway) {
        const Within within(gateway.ns);
        ASSERT_TRUE(gateway.plane->set_policies({}));
        gateway.plane.reset();
        gateway.ports.reset();
    }
    static void install(Gateway& gateway, bool is_a, sa::Encapsulation encapsulation, bool outbound = true,
                        unsigned generation = 0, sa::ReqId reqid = 1) {
        sa::SaPair pair;
        pair.id = sa::SaId{1 + generation};
        pair.reqid = reqid;
        pair.local = policy(is_a).local;
        pair.remote = policy(is_a).remote;
        const auto half = [](std::uint32_t spi, unsigned seed) {
            return sa::EspSa{spi, Secret(ByteView(test::pattern(16, seed))),
                             Secret(ByteView(test::pattern(20, seed)))};
        };
        pair.inbound = half(is_a ? 0xc0000001 : 0xd0000001, is_a ? 1 : 2);
        pair.outbound = half(is_a ? 0xd0000001 : 0xc0000001, is_a ? 2 : 1);
        pair.inbound.spi += 16 * (reqid - 1);
        pair.outbound.spi += 16 * (reqid - 1);
        pair.local_outer = {is_a ? wan_a : wan_b, 4500};
        pair.remote_outer = {is_a ? wan_b : wan_a, 4500};
        pair.encapsulation = encapsulation;
        const Within within(gateway.ns);
        const auto done =
            gateway.plane->install(std::make_shared<const sa::SaPair>(std::move(pair)), outbound);
        ASSERT_TRUE(done) << done.error().text();
    }
    void tunnel(sa::Encapsulation encapsulation) {
        open(*a_, true);
        open(*b_, false);
        install(*a_, true, encapsulation);
        install(*b_, false, encapsulation);
    }

    /// Lets the gateways work until `done`, or until nothing more can come: `quiet` without any packet, for
    /// them or for one of the sockets in `also`.
    template <class Done>
    bool pump(Done done, const std::vector<int>& also = {}, Duration quiet = std::chrono::milliseconds(300)) {
        std::vector<host::EventLoop::Watch> watches;
        for (const int fd : also) {
            watches.push_back(loop_->watch(fd, [] {}));
        }
        for (;;) {
            bool ended = false;
            bool looked = false;
            const Instant begin = host::now();
            const auto ended_or_something_happened = [&] {
                capture_->drain();
                ended = done();
                return ended || std::exchange(looked, true);
            };
            loop_->run_until(ended_or_something_happened, quiet);
            if (ended || host::now() - begin >= quiet) {
                return ended;
            }
        }
    }

    /// Sends echo requests of `size` payload octets from one namespace and counts the answers; `icmp_errors`
    /// collects "type.code" of what else came back.
    std::size_t ping(const Namespace& from, const IpAddress& to, std::size_t count, std::size_t size = 56,
                     bool dont_fragment = false, std::uint8_t tos = 0) {
        Socket socket;
        {
            const Within within(from);
            socket = Socket(SOCK_RAW, IPPROTO_ICMP);
        }
        const int discover = dont_fragment ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
        setsockopt(socket.fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof discover);
        const int tos_value = tos;
        setsockopt(socket.fd, IPPROTO_IP, IP_TOS, &tos_value, sizeof tos_value);
        const sockaddr_in name = name_of({to, 0});
        std::size_t answers = 0;
        const std::uint8_t id = ++echo_id_;
        errors_.clear();
        const auto receive = [&] {
            Bytes buffer(65536);
            ssize_t got = 0;
            while ((got = recv(socket.fd, buffer.data(), buffer.size(), 0)) > 28) {
                if (buffer[20] == ICMP_ECHOREPLY && buffer[25] != id) {
                    continue;  // of an earlier ping, which waited for its tunnel
                }
                if (buffer[20] == ICMP_ECHOREPLY) {
                    const ByteView data = ByteView(buffer).subspan(28, static_cast<std::size_t>(got) - 28);
                    EXPECT_EQ(to_bytes(data), test::pattern(size));
                    ++answers;
                } else if (buffer[20] != ICMP_ECHO) {
                    errors_.push_back(fmt::format("{}.{}", buffer[20], buffer[21]));
                    next_hop_mtu_ = test::get16(buffer, 26);
                }
            }
        };
        for (std::size_t i = 0; i < count; ++i) {
            Bytes echo(8);
            echo[0] = ICMP_ECHO;
            echo[5] = id;
            echo[7] = static_cast<std::uint8_t>(i);
            append(echo, test::pattern(size));
            test::put16(echo, 2, ~test::ones_sum(echo) & 0xffff);
            const std::size_t before = answers + errors_.size();
            EXPECT_EQ(sendto(socket.fd, echo.data(), echo.size(), 0, reinterpret_cast<const sockaddr*>(&name),
                             sizeof name),
                      static_cast<ssize_t>(echo.size()));
            pump(
                [&] {
                    receive();
                    return answers + errors_.size() > before;
                },
                {socket.fd});
        }
        capture_->drain();
        return answers;
    }

    std::unique_ptr<host::EventLoop> loop_ = std::make_unique<host::EventLoop>();
    std::unique_ptr<Namespace> lan_a_, lan_b_, middle_;
    std::unique_ptr<Gateway> a_, b_;
    std::unique_ptr<Capture> capture_;
    std::vector<std::string> errors_;
    std::uint32_t next_hop_mtu_ = 0;
    std::uint8_t echo_id_ = 0;
};

class PlaneEitherWay : public PlaneTest, public ::testing::WithParamInterface<sa::Encapsulation> {};
INSTANTIATE_TEST_SUITE_P(Encapsulations, PlaneEitherWay,
                         ::testing::Values(sa::Encapsulation::none, sa::Encapsulation::udp),
                         [](const auto& param) {
                             return param.param == sa::Encapsulation::udp ? "udp" : "plain";
                         });

TEST_P(PlaneEitherWay, HostsReachEachOther) {
    tunnel(GetParam());
    EXPECT_EQ(ping(*lan_a_, host_b, 20), 20U);
    EXPECT_EQ(ping(*lan_b_, host_a, 20), 20U);
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;
    EXPECT_GE(capture_->esp, 80U);
    EXPECT_EQ(a_->plane->usage(sa::SaId{1})->packets_out, 40U);
    EXPECT_EQ(a_->plane->usage(sa::SaId{1})->packets_in, 40U);
    EXPECT_TRUE(std::holds_alternative<sa::FirstInbound>(a_->events.at(0)));
    EXPECT_EQ(a_->events.size(), 1U);
}

TEST_P(PlaneEitherWay, LargePingsPassInPieces) {
    tunnel(GetParam());
    EXPECT_EQ(ping(*lan_a_, host_b, 5, 3000), 5U);
    EXPECT_EQ(ping(*lan_a_, host_b, 2, 20000), 2U);
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;
    EXPECT_LE(capture_->largest, 1500U);
}

TEST_P(PlaneEitherWay, TooLargeWithDfIsAnswered) {
    tunnel(GetParam());
    const std::size_t mtu = GetParam() == sa::Encapsulation::udp ? 1422 : 1438;
    EXPECT_EQ(ping(*lan_a_, host_b, 1, mtu - 28, true), 1U);
    EXPECT_EQ(ping(*lan_a_, host_b, 1, mtu - 27, true), 0U);
    ASSERT_EQ(errors_.size(), 1U);
    EXPECT_EQ(errors_[0], "3.4");
    EXPECT_EQ(next_hop_mtu_, mtu);
}

// Without the route's MTU the kernel hands over packets of 1500 octets: the plane answers and fragments
// itself.
TEST_P(PlaneEitherWay, SizesAreKeptWithoutTheKernelsHelp) {
    tunnel(GetParam());
    in(a_->ns, "ip route replace 192.168.0.0/24 dev causeway0 src 192.168.1.1");
    const std::size_t mtu = GetParam() == sa::Encapsulation::udp ? 1422 : 1438;
    EXPECT_EQ(ping(*lan_a_, host_b, 1, mtu - 28, true), 1U);
    EXPECT_EQ(ping(*lan_a_, host_b, 1, mtu - 27, true), 0U);
    ASSERT_EQ(errors_, std::vector<std::string>{"3.4"});
    EXPECT_EQ(next_hop_mtu_, mtu);
    EXPECT_EQ(ping(*lan_a_, host_b, 5, 3000), 5U);
    EXPECT_LE(capture_->largest, 1500U);
}

TEST_P(PlaneEitherWay, ATcpStreamArrivesWhole) {
    tunnel(GetParam());
    constexpr std::size_t total = 20'000'000;
    const Endpoint server{host_b, 5001};
    Socket listener, sender, receiver;
    {
        const Within within(*lan_b_);
        listener = Socket(SOCK_STREAM, 0);
        listener.bind_to(server);
        ASSERT_EQ(listen(listener.fd, 1), 0);
    }
    {
        const Within within(*lan_a_);
        sender = Socket(SOCK_STREAM, 0);
        const sockaddr_in name = name_of(server);
        ASSERT_EQ(connect(sender.fd, reinterpret_cast<const sockaddr*>(&name), sizeof name), -1);
        ASSERT_EQ(errno, EINPROGRESS);
    }
    const Bytes chunk = test::pattern(65536);
    std::size_t sent = 0, received = 0;
    bool intact = true;
    const auto step = [&] {
        if (receiver.fd < 0) {
            receiver = Socket(accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK));
        }
        while (sent < total) {
            const std::size_t at = sent % chunk.size();
            const ssize_t put =
                send(sender.fd, chunk.data() + at, std::min(chunk.size() - at, total - sent), MSG_NOSIGNAL);
            if (put <= 0) {
                break;
            }
            sent += static_cast<std::size_t>(put);
        }
        Bytes buffer(65536);
        ssize_t got = 0;
        while (receiver.fd >= 0 && (got = recv(receiver.fd, buffer.data(), buffer.size(), 0)) > 0) {
            for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
                intact = intact && buffer[i] == chunk[(received + i) % chunk.size()];
            }
            received += static_cast<std::size_t>(got);
        }
        return received == total;
    };
    EXPECT_TRUE(pump(step, {sender.fd, listener.fd}, std::chrono::seconds(3))) << received << " of " << sent;
    EXPECT_TRUE(intact);
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;
    EXPECT_LE(capture_->largest, 1500U);
}

TEST_F(PlaneTest, PlainEspOverIpv6) {
    in(*middle_,
       "ip addr add 2001:db8:a::1/64 dev wana nodad; ip addr add 2001:db8:b::1/64 dev wanb nodad; "
       "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
    in(a_->ns, "ip addr add 2001:db8:a::2/64 dev wana nodad; ip route add default via 2001:db8:a::1");
    in(b_->ns, "ip addr add 2001:db8:b::2/64 dev wanb nodad; ip route add default via 2001:db8:b::1");
    // Neighbours find each other about a second after the links came up.
    in(a_->ns, "ping -6 -q -c 1 -w 20 2001:db8:b::2 >/dev/null");
    tunnel(sa::Encapsulation::none);
    const Endpoint outer_a{*IpAddress::parse("2001:db8:a::2"), 0};
    const Endpoint outer_b{*IpAddress::parse("2001:db8:b::2"), 0};
    {
        const Within within(a_->ns);
        a_->plane->move(sa::SaId{1}, outer_a, outer_b, sa::Encapsulation::none);
    }
    {
        const Within within(b_->ns);
        b_->plane->move(sa::SaId{1}, outer_b, outer_a, sa::Encapsulation::none);
    }
    EXPECT_EQ(ping(*lan_a_, host_b, 5), 5U);
    EXPECT_EQ(ping(*lan_a_, host_b, 2, 3000), 2U);
    EXPECT_EQ(capture_->esp + capture_->clear, 0U);  // nothing of it in IPv4
    EXPECT_NE(told(a_->ns, "ip route show").find("mtu 1422"), std::string::npos);
    EXPECT_EQ(b_->events.size(), 1U);  // from where it was expected
}

// Tunnels with the same networks share a route: its packets fit whichever of those that are up carries.
TEST_F(PlaneTest, ABackupIsHeardAndSized) {
    open(*a_, true, false);
    open(*b_, false, false);
    for (Gateway* gateway : {a_.get(), b_.get()}) {
        std::vector<Policy> both(2, policy(gateway == a_.get()));
        both[1].reqid = 2;
        const Within within(gateway->ns);
        ASSERT_TRUE(gateway->plane->set_policies(both));
        install(*gateway, gateway == a_.get(), sa::Encapsulation::none);
        install(*gateway, gateway == a_.get(), sa::Encapsulation::udp, true, 1, 2);
    }
    const auto size_is = [&](const char* mtu) {
        return told(a_->ns, "ip route show 192.168.0.0/24").find(mtu) != std::string::npos;
    };
    const auto sent = [&](unsigned id) { return a_->plane->usage(sa::SaId{id})->packets_out; };
    EXPECT_TRUE(size_is("mtu 1422"));
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 2U);
    EXPECT_EQ(sent(1), 2U);
    EXPECT_EQ(sent(2), 0U);
    {
        const Within within(a_->ns);
        a_->plane->remove(sa::SaId{1});
    }
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 0U);  // b has not heard of it
    b_->plane->remove(sa::SaId{1});
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 2U);
    EXPECT_EQ(sent(2), 4U);
    install(*a_, true, sa::Encapsulation::none, true, 2);
    install(*b_, false, sa::Encapsulation::none, true, 2);
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 2U);
    EXPECT_EQ(sent(3), 2U);
    {
        const Within within(a_->ns);
        a_->plane->remove(sa::SaId{2});
    }
    EXPECT_TRUE(size_is("mtu 1438"));
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;
}

TEST_F(PlaneTest, TheGatewayItselfSpeaksFromItsLan) {
    tunnel(sa::Encapsulation::none);
    EXPECT_EQ(ping(a_->ns, host_b, 3), 3U);
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;
}

TEST_F(PlaneTest, DscpIsOnTheOuterHeader) {
    tunnel(sa::Encapsulation::none);
    EXPECT_EQ(ping(*lan_a_, host_b, 1, 56, false, 0xb8), 1U);
    EXPECT_EQ(capture_->tos, 0xb8);
}

TEST_F(PlaneTest, TheFirstPacketWaitsForItsTunnel) {
    open(*a_, true);
    open(*b_, false);
    EXPECT_EQ(ping(*lan_a_, host_b, 1), 0U);
    ASSERT_EQ(a_->events.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<sa::Acquire>(a_->events[0]));
    EXPECT_TRUE(errors_.empty());
    install(*b_, false, sa::Encapsulation::none);
    install(*a_, true, sa::Encapsulation::none, false);
    EXPECT_EQ(a_->plane->usage(sa::SaId{1})->packets_out, 0U);
    a_->plane->activate_outbound(sa::SaId{1});
    EXPECT_TRUE(pump([&] { return a_->plane->usage(sa::SaId{1})->packets_in == 1; }));  // its answer
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;
}

TEST_F(PlaneTest, AnotherAddressOfThePeerIsNoticed) {
    tunnel(sa::Encapsulation::none);
    in(a_->ns, "ip addr add 203.0.113.57/24 dev wana");
    const Endpoint other{*IpAddress::parse("203.0.113.57"), 4500};
    a_->plane->move(sa::SaId{1}, other, {wan_b, 4500}, sa::Encapsulation::none);
    EXPECT_EQ(ping(*lan_a_, host_b, 1), 1U);
    ASSERT_EQ(b_->events.size(), 2U);
    ASSERT_TRUE(std::holds_alternative<sa::PeerMoved>(b_->events[1]));
    EXPECT_EQ(std::get<sa::PeerMoved>(b_->events[1]).remote.address, other.address);
}

// Fail closed, phase by phase. Before configuration the packets do cross in clear: the check can fail.
TEST_F(PlaneTest, NothingLeavesInClearFromConfiguredToDeconfigured) {
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 2U);
    EXPECT_GE(capture_->clear, 4U);
    capture_->clear = 0;

    open(*a_, true);  // configured, no SA yet
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 0U);
    EXPECT_EQ(ping(a_->ns, host_b, 2), 0U);
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;
    // Nothing in clear that claims to be the remote network is let in, to the LAN or to the gateway.
    EXPECT_EQ(ping(*lan_b_, host_a, 2), 0U);
    EXPECT_EQ(ping(*lan_b_, *IpAddress::parse("192.168.1.1"), 2), 0U);
    EXPECT_EQ(ping(*lan_b_, wan_a, 2), 0U);
    EXPECT_GE(capture_->clear, 6U);  // they did come as far as the middle
    capture_->clear = 0;

    open(*b_, false);
    install(*a_, true, sa::Encapsulation::none);
    install(*b_, false, sa::Encapsulation::none);
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 2U);
    a_->plane->remove(sa::SaId{1});  // the peer is gone
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 0U);
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;

    a_->plane.reset();  // as after SIGKILL: no clean-up has run
    a_->ports.reset();
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 0U);
    EXPECT_EQ(errors_.size(), 2U);
    EXPECT_EQ(ping(*lan_b_, host_a, 2), 0U);
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;

    open(*a_, true);  // the next run takes over
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 0U);
    install(*a_, true, sa::Encapsulation::none);
    b_->plane->remove(sa::SaId{1});
    install(*b_, false, sa::Encapsulation::none);
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 2U);
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;

    close(*a_);
    close(*b_);
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 2U);
    EXPECT_GE(capture_->clear, 4U);
}

// A more specific route, a route of another table or another program's mistake: the guard holds without us.
TEST_F(PlaneTest, TheGuardHoldsAgainstOtherRoutes) {
    open(*a_, true);
    in(a_->ns, "ip route add 192.168.0.3/32 via 203.0.113.1");
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 0U);
    EXPECT_EQ(capture_->clear, 0U) << capture_->last_clear;
    in(a_->ns, "nft delete table ip causeway");
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 2U);  // it was the guard
}

TEST_F(PlaneTest, AKilledProgramLeavesBothClosed) {
    const pid_t child = fork();
    if (child == 0) {
        static_cast<void>(loop_.release());  // the parent's, whose descriptors are shared
        loop_ = std::make_unique<host::EventLoop>();
        open(*a_, true);
        raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const std::string routes = told(a_->ns, "ip route show");
    EXPECT_EQ(routes.find("causeway0"), std::string::npos) << routes;
    EXPECT_NE(routes.find("unreachable 192.168.0.0/24"), std::string::npos) << routes;
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 0U);
    EXPECT_EQ(ping(*lan_b_, host_a, 2), 0U);
    EXPECT_EQ(a_->plane, nullptr);
}

TEST_F(PlaneTest, GarbageIsCountedAndDropped) {
    tunnel(sa::Encapsulation::udp);
    Socket stranger;
    {
        const Within within(*middle_);
        stranger = Socket(SOCK_DGRAM, 0);
    }
    const sockaddr_in name = name_of({wan_a, 4500});
    for (std::size_t size = 1; size < 60; ++size) {
        Bytes garbage = test::pattern(size, 9);
        if (size >= 4) {
            test::put32(garbage, 0, 0xc0000001);
        }
        sendto(stranger.fd, garbage.data(), garbage.size(), 0, reinterpret_cast<const sockaddr*>(&name),
               sizeof name);
    }
    EXPECT_TRUE(pump([&] {
        const auto& drops = a_->plane->drops();
        return drops.of(esp::Drop::runt) + a_->ports->counters().runts == 7 &&
               drops.of(esp::Drop::integrity) == 52;
    }));
    EXPECT_EQ(a_->plane->facts().dropped.at("integrity"), 52U);
    EXPECT_EQ(a_->plane->facts().dropped.count("dummy"), 0U) << "there was none";
    EXPECT_EQ(ping(*lan_a_, host_b, 2), 2U);
}

}  // namespace
}  // namespace causeway::dataplane
