// Tunnels with the same pair of networks: the first one that is up carries.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "esp/sa_table.hpp"
#include "unit/esp/suites.hpp"

namespace causeway::esp {
namespace {

using test::Gateway;

/// The pair of tunnel `reqid`; its id is 100 times that number, plus `generation`.
sa::SaPair pair_of(sa::ReqId reqid, unsigned generation = 0) {
    sa::SaPair pair = test::pair_of(true, {}, reqid * 8 + generation);
    pair.id = sa::SaId{reqid * 100 + generation};
    pair.reqid = reqid;
    return pair;
}

/// A gateway with tunnels of equal selectors, none of them up.
struct Redundant : Gateway {
    explicit Redundant(const std::vector<Tunnel>& tunnels) : Gateway(true, {}, false) {
        table.set_tunnels(tunnels);
    }
    void up(sa::ReqId reqid, unsigned generation = 0) {
        ASSERT_TRUE(table.install(test::shared(pair_of(reqid, generation)), true));
    }
    /// The number of the tunnel that carries a packet now; 0: none.
    sa::ReqId carrier() {
        const Bytes packet = test::udp_packet(60);
        const ByteView view = packet;
        batch.clear();
        table.seal({&view, 1}, batch, now);
        return batch.packets().empty()
                   ? 0
                   : static_cast<sa::ReqId>(static_cast<std::uint64_t>(batch.packets().front().sa) / 100);
    }
    std::vector<sa::ReqId> acquires() {
        std::vector<sa::ReqId> asked;
        for (const sa::Event& event : table.take_events()) {
            if (const auto* acquire = std::get_if<sa::Acquire>(&event)) {
                asked.push_back(acquire->reqid);
            }
        }
        return asked;
    }
};

Tunnel tunnel(sa::ReqId reqid, bool acquire = true) {
    Tunnel one = test::tunnel_of(test::pair_of(true), acquire);
    one.reqid = reqid;
    return one;
}

TEST(Backup, TheFirstThatIsUpCarries) {
    Redundant a({tunnel(7), tunnel(3), tunnel(5)});
    a.up(5);
    EXPECT_EQ(a.carrier(), 5U);
    a.up(7);
    EXPECT_EQ(a.carrier(), 7U);
    a.up(3);
    EXPECT_EQ(a.carrier(), 7U);
    a.table.remove(sa::SaId{700});
    EXPECT_EQ(a.carrier(), 3U);
    a.table.remove(sa::SaId{300});
    EXPECT_EQ(a.carrier(), 5U);
    a.up(7, 1);
    EXPECT_EQ(a.carrier(), 7U);
}

// A pair that only receives yet, or may not send any more, carries nothing.
TEST(Backup, APairThatCannotSendIsPassedOver) {
    Redundant a({tunnel(1), tunnel(2)});
    a.up(2);
    ASSERT_TRUE(a.table.install(test::shared(pair_of(1)), false));
    EXPECT_EQ(a.carrier(), 2U);
    a.table.activate_outbound(sa::SaId{100});
    EXPECT_EQ(a.carrier(), 1U);
    a.table.resume_outbound(sa::SaId{100}, 0xffff'ffff);
    EXPECT_EQ(a.carrier(), 2U);
}

// What may be alive is used rather than nothing at all.
TEST(Backup, APairWhosePeerGivesNoSignOfLifeIsPassedOver) {
    Redundant a({tunnel(1), tunnel(2), tunnel(3)});
    a.up(1);
    a.table.doubt(sa::SaId{100}, true);
    EXPECT_EQ(a.carrier(), 1U);
    EXPECT_EQ(a.acquires(), (std::vector<sa::ReqId>{2, 3}));
    a.up(2);
    EXPECT_EQ(a.carrier(), 2U);
    a.table.doubt(sa::SaId{200}, true);
    EXPECT_EQ(a.carrier(), 1U);
    a.up(3);
    EXPECT_EQ(a.carrier(), 3U);
    a.table.doubt(sa::SaId{200}, false);
    EXPECT_EQ(a.carrier(), 2U);
    a.up(1, 1);  // its successor
    EXPECT_EQ(a.carrier(), 1U);
    a.table.remove(sa::SaId{101});
    EXPECT_EQ(a.carrier(), 2U);
    a.table.doubt(sa::SaId{100}, false);
    EXPECT_EQ(a.carrier(), 1U);
}

TEST(Backup, PacketsWaitForWhicheverComesUp) {
    for (const sa::ReqId comes : {1U, 2U}) {
        Redundant a({tunnel(1), tunnel(2)});
        EXPECT_EQ(a.carrier(), 0U);
        EXPECT_EQ(a.carrier(), 0U);
        EXPECT_EQ(a.acquires(), (std::vector<sa::ReqId>{1, 2}));
        EXPECT_FALSE(a.table.has_sendable_queue(comes));
        a.up(comes);
        ASSERT_TRUE(a.table.has_sendable_queue(comes));
        EXPECT_EQ(a.table.take_queued(comes, a.now).size(), 2U);
        EXPECT_FALSE(a.table.has_sendable_queue(comes));
        a.up(3 - comes);
        EXPECT_FALSE(a.table.has_sendable_queue(3 - comes));
    }
}

TEST(Backup, OnlyOnDemandTunnelsAreAskedFor) {
    Redundant none({tunnel(1, false), tunnel(2, false)});
    EXPECT_EQ(none.carrier(), 0U);
    EXPECT_TRUE(none.acquires().empty());
    EXPECT_EQ(none.table.drops().of(Drop::no_sa), 1U);

    Redundant second({tunnel(1, false), tunnel(2)});
    EXPECT_EQ(second.carrier(), 0U);
    EXPECT_EQ(second.acquires(), (std::vector<sa::ReqId>{2}));
    second.up(1);
    ASSERT_TRUE(second.table.has_sendable_queue(1));
    EXPECT_EQ(second.table.take_queued(1, second.now).size(), 1U);
}

// Without being asked for, the first one of two on-demand tunnels would never be back.
TEST(Backup, TheFirstIsAskedForWhileAnotherCarries) {
    Redundant a({tunnel(1), tunnel(2)});
    a.up(2);
    std::vector<sa::ReqId> asked;
    for (int i = 0; i < 25; ++i) {
        EXPECT_EQ(a.carrier(), 2U);
        const auto now = a.acquires();
        asked.insert(asked.end(), now.begin(), now.end());
        a.now += std::chrono::milliseconds(100);
    }
    EXPECT_EQ(asked, (std::vector<sa::ReqId>{1, 1, 1}));
    a.up(1);
    EXPECT_EQ(a.carrier(), 1U);
    a.now += std::chrono::seconds(5);
    EXPECT_EQ(a.carrier(), 1U);
    EXPECT_TRUE(a.acquires().empty());
}

TEST(Backup, ReorderingTheTunnelsMovesTheTraffic) {
    Redundant a({tunnel(1), tunnel(2)});
    a.up(1);
    a.up(2);
    EXPECT_EQ(a.carrier(), 1U);
    a.table.set_tunnels(std::vector<Tunnel>{tunnel(2), tunnel(1)});
    EXPECT_EQ(a.carrier(), 2U);
    a.table.set_tunnels(std::vector<Tunnel>{tunnel(1)});
    EXPECT_EQ(a.carrier(), 1U);
}

// The far end may answer on either.
TEST(Backup, BothReceive) {
    Redundant a({tunnel(1), tunnel(2)});
    a.up(1);
    a.up(2);
    for (const sa::ReqId from : {1U, 2U}) {
        Gateway b(false, {}, false);
        sa::SaPair theirs = test::pair_of(false, {}, from * 8);
        ASSERT_TRUE(b.table.install(test::shared(std::move(theirs)), true));
        test::IpFields back;
        std::swap(back.source, back.destination);
        const Bytes packet = test::udp_packet(60, back);
        EXPECT_EQ(a.open_one(b.seal_one(packet)).inner, packet) << from;
    }
}

}  // namespace
}  // namespace causeway::esp
