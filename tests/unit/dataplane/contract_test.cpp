// What every data plane promises, tried on each of them: the userspace plane between a TUN device and
// loopback sockets in a namespace of its own, the kernel's in one as well where this kernel has it, and the one that the in-process worlds of the tests stand on. A
// new plane is a bed here and a line in INSTANTIATE_TEST_SUITE_P.
#include <algorithm>
#include <arpa/inet.h>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <ostream>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

#include "dataplane/dataplane.hpp"
#include "dataplane/open.hpp"
#include "esp/sa_table.hpp"
#include "host/event_loop.hpp"
#include "host/ike_ports.hpp"
#include "unit/dataplane/namespaces.hpp"
#include "unit/esp/packets.hpp"
#include "world/plane.hpp"

namespace causeway::dataplane {
namespace {

constexpr Duration patience = std::chrono::seconds(20);
constexpr Duration looks_within = std::chrono::milliseconds(1100);
const Endpoint us{*IpAddress::parse("127.0.0.1"), 4500};
const Endpoint peer{*IpAddress::parse("127.0.0.2"), 4501};
const Endpoint elsewhere{*IpAddress::parse("127.0.0.3"), 4502};

// Each tunnel has a remote network of its own: 192.168.101.0/24 for reqid 1.
Policy policy(sa::ReqId reqid, bool acquire = true) {
    Policy made;
    made.reqid = reqid;
    made.name = fmt::format("net{}", reqid);
    made.local.net = *Ipv4Net::parse("192.168.1.0/24");
    made.remote.net = *Ipv4Net::parse(fmt::format("192.168.{}.0/24", 100 + reqid));
    made.acquire = acquire;
    return made;
}

std::shared_ptr<sa::SaPair> pair(unsigned id, sa::ReqId reqid = 1) {
    auto made = std::make_shared<sa::SaPair>();
    made->id = sa::SaId{id};
    made->reqid = reqid;
    made->local = policy(reqid).local;
    made->remote = policy(reqid).remote;
    const auto half = [](std::uint32_t spi) {
        return sa::EspSa{spi, Secret(ByteView(test::pattern(16, spi))),
                         Secret(ByteView(test::pattern(20, spi)))};
    };
    made->inbound = half(0xc0000000 + id);
    made->outbound = half(0xd0000000 + id);
    made->local_outer = us;
    made->remote_outer = peer;
    made->encapsulation = sa::Encapsulation::udp;
    return made;
}

/// The other end of a pair.
std::shared_ptr<sa::SaPair> mirrored(const sa::SaPair& ours) {
    auto theirs = pair(static_cast<unsigned>(ours.id), ours.reqid);
    std::swap(theirs->inbound, theirs->outbound);
    std::swap(theirs->local, theirs->remote);
    std::swap(theirs->local_outer, theirs->remote_outer);
    return theirs;
}

/// A plane with somebody inside and a peer outside.
class Bed {
 public:
    Bed() = default;
    Bed(const Bed&) = delete;
    Bed& operator=(const Bed&) = delete;
    virtual ~Bed() = default;

    virtual DataPlane& plane() = 0;
    /// A packet from inside for a tunnel's remote network has come to the plane when this returns.
    virtual void inside(sa::ReqId reqid) = 0;
    /// The peer sends one on the pair, from `source`.
    virtual void outside(const sa::SaPair& ours, const Endpoint& source) = 0;
    /// Where a packet of the tunnel that leaves now goes; nothing: it does not leave.
    virtual std::optional<Endpoint> destination(sa::ReqId reqid) = 0;
    /// Lets the plane work until `done` holds.
    virtual bool until(const std::function<bool()>& done) = 0;

    Instant time{std::chrono::hours(1)};
};

class WorldBed final : public Bed {
 public:
    DataPlane& plane() override { return plane_; }
    void inside(sa::ReqId reqid) override { plane_.leaves(reqid, time); }
    void outside(const sa::SaPair& ours, const Endpoint& source) override {
        plane_.arrives(ours.inbound.spi, source, time);
    }
    std::optional<Endpoint> destination(sa::ReqId reqid) override {
        const auto* out = plane_.sending(reqid);
        return out != nullptr ? std::optional(out->remote) : std::nullopt;
    }
    bool until(const std::function<bool()>& done) override { return done(); }

 private:
    world::Plane plane_;
};

class UdpEnd {
 public:
    explicit UdpEnd(const Endpoint& at) : at_(at), fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        const sockaddr_in name = name_of(at);
        EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0) << at.text();
    }
    UdpEnd(const UdpEnd&) = delete;
    UdpEnd& operator=(const UdpEnd&) = delete;
    ~UdpEnd() { ::close(fd_); }
    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] const Endpoint& at() const { return at_; }
    void send(const Endpoint& to, ByteView octets) const {
        const sockaddr_in name = name_of(to);
        // An error (no route) is an answer too: the packet is not for the plane.
        static_cast<void>(sendto(fd_, octets.data(), octets.size(), 0,
                                 reinterpret_cast<const sockaddr*>(&name), sizeof name));
    }
    void empty() const {
        Bytes room(2048);
        while (recv(fd_, room.data(), room.size(), MSG_DONTWAIT) >= 0) {
        }
    }

 private:
    static sockaddr_in name_of(const Endpoint& endpoint) {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(endpoint.port);
        name.sin_addr.s_addr = htonl(endpoint.address.v4_number());
        return name;
    }
    Endpoint at_;
    int fd_;
};

template <OffloadWish offload, DataPlaneKind kind = DataPlaneKind::userspace>
class UserspaceBed final : public Bed {
 public:
    UserspaceBed() {
        EXPECT_TRUE(
            test::shell("ip link add lan0 type veth peer name lan1 && ip addr add 192.168.1.1/24 dev lan0 && "
                        "ip link set lan0 up && ip link set lan1 up"));
        ports_ = *host::IkePorts::open({}, {offload, offload});
        Options options;
        options.offload = offload;
        options.clock = [this] { return time; };
        auto plane = open(kind, std::move(options));
        EXPECT_TRUE(plane) << plane.error().text();
        plane_ = std::move(plane->plane);
        plane_->attach(loop_, *ports_);
        ports_->attach(loop_);
        for (const Endpoint& at : {peer, elsewhere}) {
            ends_.push_back(std::make_unique<UdpEnd>(at));
        }
        inside_ = std::make_unique<UdpEnd>(Endpoint{*IpAddress::parse("192.168.1.1"), 1000});
    }

    DataPlane& plane() override { return *plane_; }
    void inside(sa::ReqId reqid) override {
        let_look();
        inside_->send({IpAddress::v4(policy(reqid).remote.net.network + 5), 9}, test::pattern(32));
        // It lies in the TUN's queue already. Each turn asks the system once what is readable, and then
        // calls.
        for (int turn = 0; turn < 8; ++turn) {
            bool over = false;
            loop_.post([&] { over = true; });
            EXPECT_TRUE(loop_.run_until([&] { return over; }, patience));
        }
        let_look();
    }
    void outside(const sa::SaPair& ours, const Endpoint& source) override {
        const unsigned id = static_cast<unsigned>(ours.id);
        auto& table = peers_[id];
        if (!table) {
            const auto theirs = mirrored(ours);
            table = std::make_unique<esp::SaTable>();
            const esp::Tunnel tunnel{theirs->reqid, theirs->local, theirs->remote, false};
            table->set_tunnels({&tunnel, 1});
            EXPECT_TRUE(table->install(theirs, true));
        }
        // To a host that is not there: one of the gateway's own would be answered.
        const Bytes packet = test::udp_packet(
            60, {.source = ours.remote.net.network + 5, .destination = ours.local.net.network + 77});
        esp::SealBatch sealed;
        const ByteView one = packet;
        table->seal({&one, 1}, sealed, time);
        ASSERT_EQ(sealed.packets().size(), 1U);
        const auto from =
            std::find_if(ends_.begin(), ends_.end(), [&](const auto& end) { return end->at() == source; });
        ASSERT_NE(from, ends_.end());
        (*from)->send(us, sealed.packets()[0].packet);
    }
    std::optional<Endpoint> destination(sa::ReqId reqid) override {
        for (const auto& end : ends_) {
            end->empty();
        }
        inside(reqid);
        std::vector<pollfd> waiting;
        for (const auto& end : ends_) {
            waiting.push_back({end->fd(), POLLIN, 0});
        }
        if (poll(waiting.data(), waiting.size(), 5000) <= 0) {
            return std::nullopt;
        }
        return ends_.at(waiting[0].revents != 0 ? 0 : 1)->at();
    }
    bool until(const std::function<bool()>& done) override { return loop_.run_until(done, patience); }

 private:
    /// The kernel's plane looks at counters by the loop's clock, which the bed's has nothing to do with.
    void let_look() {
        if (kind == DataPlaneKind::kernel) {
            loop_.run_until([] { return false; }, 2 * looks_within);
        }
    }

    test::Namespace ns_ = test::Namespace::make();
    test::Within within_{ns_};
    host::EventLoop loop_;
    std::unique_ptr<host::IkePorts> ports_;
    std::unique_ptr<DataPlane> plane_;  ///< borrows the ports
    std::vector<std::unique_ptr<UdpEnd>> ends_;
    std::unique_ptr<UdpEnd> inside_;
    std::map<unsigned, std::unique_ptr<esp::SaTable>> peers_;  ///< by pair
};

struct Maker {
    const char* name;
    const char* kind;  ///< as the plane calls itself
    bool hears_unknown_spis;
    std::string (*impossible)();  ///< why not on this machine
    std::unique_ptr<Bed> (*make)();
    friend void PrintTo(const Maker& maker, std::ostream* out) { *out << maker.name; }
};

class Contract : public ::testing::TestWithParam<Maker> {
 protected:
    void SetUp() override {
        if (const std::string why = GetParam().impossible(); !why.empty()) {
            GTEST_SKIP() << why;
        }
        bed_ = GetParam().make();
        plane().on_event = [this](const sa::Event& event) { events_.push_back(event); };
    }
    DataPlane& plane() { return bed_->plane(); }
    void configure(const std::vector<Policy>& policies) { ASSERT_TRUE(plane().set_policies(policies)); }
    void install(const std::shared_ptr<sa::SaPair>& one, bool outbound = true) {
        const auto done = plane().install(one, outbound);
        ASSERT_TRUE(done) << done.error().text();
    }
    [[nodiscard]] std::uint64_t sent(unsigned id) {
        return plane().usage(sa::SaId{id}).value_or(sa::Usage{}).packets_out;
    }
    bool received(unsigned id, std::uint64_t count) {
        return bed_->until(
            [=, this] { return plane().usage(sa::SaId{id}).value_or(sa::Usage{}).packets_in >= count; });
    }
    template <class Wanted>
    std::vector<Wanted> told() {
        std::vector<Wanted> found;
        for (const auto& event : events_) {
            if (const auto* one = std::get_if<Wanted>(&event)) {
                found.push_back(*one);
            }
        }
        return found;
    }

    std::unique_ptr<Bed> bed_;
    std::vector<sa::Event> events_;
};

template <class Made>
std::unique_ptr<Bed> make() {
    return std::make_unique<Made>();
}
/// Why the kernel's plane cannot be tried here.
std::string no_kernel_plane() {
    if (std::string why = test::no_namespaces(); !why.empty()) {
        return why;
    }
    const test::Namespace ns = test::Namespace::make();
    const test::Within within(ns);
    Options options;
    options.clock = [] { return Instant{}; };
    const auto opened = open(DataPlaneKind::kernel, std::move(options));
    return opened ? "" : opened.error().text();
}
INSTANTIATE_TEST_SUITE_P(Planes, Contract,
                         ::testing::Values(Maker{"userspace", "userspace", true, test::no_namespaces,
                                                 make<UserspaceBed<OffloadWish::automatic>>},
                                           Maker{"userspace_without_offloads", "userspace", true,
                                                 test::no_namespaces, make<UserspaceBed<OffloadWish::off>>},
                                           Maker{"kernel", "kernel", false, no_kernel_plane,
                                                 make<UserspaceBed<OffloadWish::off, DataPlaneKind::kernel>>},
                                           Maker{"world", "world", true, [] { return std::string(); },
                                                 make<WorldBed>}),
                         [](const auto& param) { return param.param.name; });

TEST_P(Contract, TheWholeListOfPoliciesIsReplaced) {
    configure({policy(1), policy(2)});
    configure({policy(2)});
    bed_->inside(1);
    bed_->inside(2);
    ASSERT_EQ(told<sa::Acquire>().size(), 1U);
    EXPECT_EQ(told<sa::Acquire>()[0].reqid, 2U);
    configure({});
    bed_->time += std::chrono::seconds(1);
    bed_->inside(2);
    EXPECT_EQ(told<sa::Acquire>().size(), 1U);
}

TEST_P(Contract, SasOutliveTheirPolicy) {
    configure({policy(1)});
    install(pair(1));
    configure({});
    EXPECT_TRUE(plane().usage(sa::SaId{1}));
}

TEST_P(Contract, AcquireIsReportedOnceASecondAndTunnel) {
    configure({policy(1), policy(2)});
    for (int i = 0; i < 3; ++i) {
        bed_->inside(1);
    }
    EXPECT_EQ(told<sa::Acquire>().size(), 1U);
    bed_->inside(2);
    ASSERT_EQ(told<sa::Acquire>().size(), 2U);
    EXPECT_EQ(told<sa::Acquire>()[1].reqid, 2U);
    bed_->time += std::chrono::milliseconds(999);
    bed_->inside(1);
    EXPECT_EQ(told<sa::Acquire>().size(), 2U);
    bed_->time += std::chrono::milliseconds(1);
    bed_->inside(1);
    ASSERT_EQ(told<sa::Acquire>().size(), 3U);
    EXPECT_EQ(told<sa::Acquire>()[2].reqid, 1U);
}

TEST_P(Contract, APolicyWithoutAcquireAsksForNothing) {
    configure({policy(1, false)});
    bed_->inside(1);
    EXPECT_TRUE(events_.empty());
}

TEST_P(Contract, InboundIsLiveAtOnceOutboundWhenAskedFor) {
    configure({policy(1, false)});
    EXPECT_FALSE(plane().usage(sa::SaId{1}));
    install(pair(1), false);
    ASSERT_TRUE(plane().usage(sa::SaId{1}));
    bed_->inside(1);
    EXPECT_EQ(sent(1), 0U);
    bed_->outside(*pair(1), peer);
    EXPECT_TRUE(received(1, 1));
    plane().activate_outbound(sa::SaId{1});
    bed_->inside(1);
    EXPECT_EQ(sent(1), 1U);
}

TEST_P(Contract, TheNewestActivatedPairSends) {
    configure({policy(1)});
    install(pair(1));
    install(pair(2), false);
    bed_->inside(1);
    EXPECT_EQ(sent(1), 1U);
    plane().activate_outbound(sa::SaId{2});
    bed_->inside(1);
    EXPECT_EQ(sent(1), 1U);
    EXPECT_EQ(sent(2), 1U);
    bed_->outside(*pair(1), peer);  // what was under way
    EXPECT_TRUE(received(1, 1));
    plane().remove(sa::SaId{2});
    bed_->inside(1);
    EXPECT_EQ(sent(1), 2U);
}

TEST_P(Contract, AnIdThatIsInUseIsRefused) {
    configure({policy(1), policy(2)});
    install(pair(1));
    auto second = pair(2, 2);
    second->id = sa::SaId{1};
    EXPECT_FALSE(plane().install(second, true));
    bed_->inside(1);
    EXPECT_EQ(sent(1), 1U);
    bed_->inside(2);
    EXPECT_EQ(sent(1), 1U);
}

TEST_P(Contract, AnUnknownIdIsIgnored) {
    configure({policy(1)});
    install(pair(1));
    plane().activate_outbound(sa::SaId{9});
    plane().move(sa::SaId{9}, us, elsewhere, sa::Encapsulation::udp);
    plane().remove(sa::SaId{9});
    EXPECT_FALSE(plane().usage(sa::SaId{9}));
    EXPECT_EQ(bed_->destination(1), peer);
    EXPECT_TRUE(events_.empty());
}

TEST_P(Contract, ARemovedPairCarriesNothing) {
    configure({policy(1, false)});
    install(pair(1));
    plane().remove(sa::SaId{1});
    EXPECT_FALSE(plane().usage(sa::SaId{1}));
    bed_->outside(*pair(1), peer);
    if (GetParam().hears_unknown_spis) {
        EXPECT_TRUE(bed_->until([this] { return !events_.empty(); }));
        ASSERT_EQ(told<sa::UnknownSpi>().size(), 1U);
        EXPECT_EQ(told<sa::UnknownSpi>()[0].spi, pair(1)->inbound.spi);
        EXPECT_EQ(told<sa::UnknownSpi>()[0].remote, peer);
    }
    install(pair(1));  // and its name is free
    EXPECT_EQ(sent(1), 0U);
}

TEST_P(Contract, TheFirstInboundPacketIsReportedOnce) {
    configure({policy(1)});
    install(pair(1));
    for (std::uint64_t i = 1; i <= 3; ++i) {
        bed_->outside(*pair(1), peer);
        EXPECT_TRUE(received(1, i));
        EXPECT_TRUE(bed_->until([this] { return !events_.empty(); }));
    }
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_EQ(std::get<sa::FirstInbound>(events_[0]).id, sa::SaId{1});
}

// Whether to follow is the engine's decision.
TEST_P(Contract, AMovedPeerIsReportedAndFollowedWhenTold) {
    configure({policy(1)});
    install(pair(1));
    bed_->outside(*pair(1), elsewhere);
    EXPECT_TRUE(bed_->until([this] { return !told<sa::PeerMoved>().empty(); }));
    ASSERT_EQ(told<sa::PeerMoved>().size(), 1U);
    EXPECT_EQ(told<sa::PeerMoved>()[0].id, sa::SaId{1});
    EXPECT_EQ(told<sa::PeerMoved>()[0].remote, elsewhere);
    EXPECT_EQ(bed_->destination(1), peer);
    plane().move(sa::SaId{1}, us, elsewhere, sa::Encapsulation::udp);
    EXPECT_EQ(bed_->destination(1), elsewhere);
    bed_->outside(*pair(1), elsewhere);
    EXPECT_TRUE(received(1, 2));
    EXPECT_EQ(told<sa::PeerMoved>().size(), 1U);
}

TEST_P(Contract, PacketsWithoutAnswerAreReportedInIntervals) {
    configure({policy(1)});
    install(pair(1));
    const Instant first = bed_->time;
    bed_->inside(1);
    bed_->time += sa::unanswered_first - std::chrono::milliseconds(1);
    bed_->inside(1);
    EXPECT_TRUE(events_.empty());
    bed_->time += std::chrono::milliseconds(1);
    bed_->inside(1);
    bed_->inside(1);
    ASSERT_EQ(told<sa::Unanswered>().size(), 1U);
    EXPECT_EQ(told<sa::Unanswered>()[0].reqid, 1U);
    EXPECT_EQ(told<sa::Unanswered>()[0].since, first);
    bed_->time += sa::unanswered_interval;
    bed_->inside(1);
    EXPECT_EQ(told<sa::Unanswered>().size(), 2U);
    bed_->outside(*pair(1), peer);
    EXPECT_TRUE(received(1, 1));
    bed_->time += sa::unanswered_interval;
    bed_->inside(1);
    EXPECT_EQ(told<sa::Unanswered>().size(), 2U);
}

TEST_P(Contract, SaysWhatItIs) {
    configure({policy(1)});
    const Facts facts = plane().facts();
    EXPECT_EQ(facts.kind, GetParam().kind);
    EXPECT_EQ(facts.device.empty(), facts.mtu == 0);
    EXPECT_EQ(plane().not_carried(policy(1).remote.net), "");
    EXPECT_EQ(plane().not_carried(policy(9).remote.net), "");
    EXPECT_TRUE(plane().alive());
}

TEST_P(Contract, AChangeOfTheNetworkBreaksNothing) {
    configure({policy(1)});
    install(pair(1));
    plane().keep_reachable({peer.address});
    plane().set_peers({peer.address});
    plane().give_way(peer.address);
    plane().network_changed();
    EXPECT_EQ(bed_->destination(1), peer);
    EXPECT_TRUE(plane().alive());
}

// The userspace plane alone has a device that somebody can take away.
TEST(UserspacePlaneDevice, WithoutItThePlaneIsNotAlive) {
    if (const std::string why = test::no_namespaces(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    UserspaceBed<OffloadWish::automatic> bed;
    EXPECT_EQ(bed.plane().facts().device, "causeway0");
    EXPECT_EQ(bed.plane().facts().mtu, 1500U);
    ASSERT_TRUE(test::shell("ip link delete causeway0"));
    EXPECT_FALSE(bed.plane().alive());
    EXPECT_EQ(bed.plane().facts().mtu, 0U);
}

// Anybody can call from an address inside a remote network, and each time that a network gives way costs
// milliseconds.
TEST(UserspacePlaneDevice, GivesWayOnlySoOften) {
    if (const std::string why = test::no_namespaces(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    UserspaceBed<OffloadWish::automatic> bed;
    std::vector<Policy> policies;
    for (sa::ReqId reqid = 1; reqid <= 12; ++reqid) {
        policies.push_back(policy(reqid));
    }
    ASSERT_TRUE(bed.plane().set_policies(policies));
    const auto given_way = [] {
        const std::string routes = test::output_of("ip route show table main");
        std::size_t count = 0;
        for (sa::ReqId reqid = 1; reqid <= 12; ++reqid) {
            const std::string route = fmt::format("{} dev causeway0", policy(reqid).remote.net.text());
            count += routes.find(route) == std::string::npos ? 1U : 0U;
        }
        return count;
    };
    const auto call_from_all = [&] {
        for (sa::ReqId reqid = 1; reqid <= 12; ++reqid) {
            bed.plane().give_way(IpAddress::v4(policy(reqid).remote.net.network + 9));
        }
    };
    EXPECT_EQ(given_way(), 0U);
    call_from_all();
    EXPECT_EQ(given_way(), 8U);
    call_from_all();
    EXPECT_EQ(given_way(), 8U);
    bed.time += std::chrono::seconds(1);
    call_from_all();
    EXPECT_EQ(given_way(), 9U);
}

}  // namespace
}  // namespace causeway::dataplane
