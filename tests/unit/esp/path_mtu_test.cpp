// The way's MTU as a table knows it: when somebody is asked to find it out, what TCP is told meanwhile, and
// whom the answer is about.
#include "esp/path_mtu.hpp"

#include <chrono>
#include <cstddef>
#include <gtest/gtest.h>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "esp/mss.hpp"
#include "esp/sa_table.hpp"
#include "esp/sizes.hpp"
#include "unit/esp/suites.hpp"

namespace causeway::esp {
namespace {

constexpr Instant start{std::chrono::seconds(1000)};
const Bytes syn = test::tcp_packet(0x02, {2, 4, 0x05, 0xb4});

/// One that probes, and what its SYNs and events are.
struct Probing {
    SaTable table;
    SealBatch batch;
    Instant now = start;
    test::Gateway other{false};

    explicit Probing(bool probe = true) {
        const Tunnel tunnel = test::tunnel_of(test::pair_of(true));
        table.set_tunnels({&tunnel, 1});
        sa::SaPair pair = test::pair_of(true);
        pair.probe_path = probe;
        EXPECT_TRUE(table.install(test::shared(std::move(pair)), true));
    }
    std::size_t mss_of_a_syn() {
        const ByteView view = syn;
        batch.clear();
        table.seal({&view, 1}, batch, now);
        const Bytes opened = other.open_one(to_bytes(batch.packets()[0].packet)).inner;
        return opened.empty() ? 0 : test::get16(opened, 42);
    }
    std::vector<sa::PathUnproven> asked() {
        std::vector<sa::PathUnproven> found;
        for (const sa::Event& event : table.take_events()) {
            if (const auto* one = std::get_if<sa::PathUnproven>(&event)) {
                found.push_back(*one);
            }
        }
        return found;
    }
};

TEST(PathMtu, AskedAboutNothingTcpHasTheDevicesMtuAtOnce) {
    Probing a(false);
    EXPECT_EQ(a.mss_of_a_syn(), mss_for(a.table.inner_mtu(sa::SaId{1}).value()));
    EXPECT_TRUE(a.asked().empty());
}

TEST(PathMtu, ASynAsksOnceAndIsClampedUntilItIsAnswered) {
    Probing a;
    const Bytes datagram = test::udp_packet(100);
    const ByteView view = datagram;
    a.table.seal({&view, 1}, a.batch, a.now);
    EXPECT_TRUE(a.asked().empty());
    const std::size_t least =
        mss_for(inner_mtu(suite_of(test::SuiteCase{}.cipher, test::SuiteCase{}.integrity),
                          sa::Encapsulation::none, true, safe_outer_mtu));
    EXPECT_EQ(a.mss_of_a_syn(), least);
    const auto asked = a.asked();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].outer_mtu, 1500U);
    EXPECT_EQ(a.mss_of_a_syn(), least);
    EXPECT_TRUE(a.asked().empty());
    a.now += PathMtu::unheard_after;
    a.mss_of_a_syn();
    EXPECT_EQ(a.asked().size(), 1U);

    a.table.set_path_mtu(sa::SaId{1}, 1500, a.now);
    EXPECT_EQ(a.mss_of_a_syn(), 1438U - 40);
    EXPECT_TRUE(a.asked().empty());
    a.now += PathMtu::again_after;
    EXPECT_EQ(a.mss_of_a_syn(), 1438U - 40);
    EXPECT_EQ(a.asked().size(), 1U);  // the way may have become another one
}

TEST(PathMtu, AReducedWayIsTriedAgainAndKeepsItsSizeMeanwhile) {
    Probing a;
    a.table.set_path_mtu(sa::SaId{1}, 1400, a.now);
    const auto inside = a.table.inner_mtu(sa::SaId{1});
    ASSERT_TRUE(inside);
    EXPECT_LT(*inside, 1400U - 50);
    EXPECT_EQ(a.mss_of_a_syn(), *inside - 40);
    EXPECT_TRUE(a.asked().empty());
    a.now += PathMtu::again_after;
    EXPECT_EQ(a.mss_of_a_syn(), *inside - 40);
    EXPECT_EQ(a.asked().size(), 1U);
}

TEST(PathMtu, WhatCannotBeFoundOutIsTheDevices) {
    Probing a;
    a.table.set_path_mtu(sa::SaId{1}, std::nullopt, a.now);
    EXPECT_EQ(a.mss_of_a_syn(), 1438U - 40);
    EXPECT_FALSE(a.table.path_mtu(sa::SaId{1})->probed());
}

TEST(PathMtu, ARenewedPairInheritsAndAMoveForgets) {
    Probing a;
    a.table.set_path_mtu(sa::SaId{1}, 1400, a.now);
    sa::SaPair second = test::pair_of(true, {}, 1);
    second.probe_path = true;
    const sa::SaId id = second.id;
    const Endpoint local = second.local_outer;
    ASSERT_TRUE(a.table.install(test::shared(std::move(second)), true));
    EXPECT_EQ(a.table.path_mtu(id)->octets(), 1400U);
    a.table.move(id, local, {*IpAddress::parse("198.51.100.112"), 4501}, sa::Encapsulation::none);
    EXPECT_TRUE(a.table.path_mtu(id)->probed());  // another port is the same way
    a.table.move(id, local, {*IpAddress::parse("198.51.100.113"), 4500}, sa::Encapsulation::none);
    EXPECT_FALSE(a.table.path_mtu(id)->probed());
    EXPECT_TRUE(a.table.path_mtu(sa::SaId{1})->probed());
}

TEST(PathMtu, ALargerDeviceProvesNothingASmallerOneCounts) {
    PathMtu path(1400);
    path.set_found(1400, start);
    path.set_device(1300);
    EXPECT_EQ(path.octets(), 1300U);
    path.set_device(1400);
    EXPECT_TRUE(path.probed());
    path.set_device(1500);
    EXPECT_FALSE(path.probed());
    EXPECT_EQ(path.octets_of_tcp(), safe_outer_mtu);
    EXPECT_TRUE(path.ask(start));
}

TEST(PathMtu, WhatEveryWayCarriesNeedsNoProof) {
    PathMtu path(1280);
    EXPECT_FALSE(path.ask(start));
    EXPECT_EQ(path.octets_of_tcp(), 1280U);
}

}  // namespace
}  // namespace causeway::esp
