// dpdaction and closeaction with each startaction, as swanctl.conf and ipsec.conf describe them.
#include <string>
#include <vector>

#include "hardening/other_make.hpp"

namespace causeway::hardening {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct Case {
    std::string start;
    std::string loss;
    bool again = false;      ///< built again without being asked
    bool by_packet = false;  ///< raised by a packet
};

const std::vector<Case> cases{
    {"none", "clear", false, false},   {"none", "hold", false, true},    {"none", "restart", true, true},
    {"traffic", "clear", false, true}, {"traffic", "hold", false, true}, {"traffic", "restart", true, true},
    {"start", "clear", false, false},  {"start", "hold", false, true},   {"start", "restart", true, true},
};

class LossActions : public OtherMake {
 protected:
    void bring_up(const Case& one) {
        begin_both({{"start", one.start}, {"loss", one.loss}, {"tries", "0"}}, {});
        ASSERT_TRUE(live(seconds(1)));
        if (one.start == "traffic") {
            world_->input(west(), sa::Acquire{1});
        } else if (one.start == "none") {
            // Nothing was lost yet: a packet raises nothing.
            world_->input(west(), sa::Acquire{1});
            ASSERT_TRUE(live(seconds(5)));
            EXPECT_EQ(west().sending(), nullptr);
            world_->input(east(), ike::CommandUp{});
        }
        ASSERT_TRUE(live(seconds(1)));
        ASSERT_NE(west().sending(), nullptr);
        ASSERT_TRUE(live(minutes(1), seconds(1)));  // it has lasted
    }
    void expect_what_follows(const Case& one, Duration patience) {
        const std::string what = one.start + " with " + one.loss;
        ASSERT_TRUE(live(patience, seconds(1)));
        EXPECT_EQ(west().sending() != nullptr, one.again) << what;
        if (one.again) {
            return expect_up();
        }
        const auto tunnel = peer_at_west().tunnels[0];
        EXPECT_EQ(tunnel.next, one.by_packet ? "the first packet to the remote network starts it"
                                             : "waiting for the peer, or for 'causeway up'")
            << what;
        world_->input(west(), sa::Acquire{1});
        ASSERT_TRUE(live(seconds(10)));
        EXPECT_EQ(west().sending() != nullptr, one.by_packet) << what;
    }
};

TEST_F(LossActions, WhenThePeerCloses) {
    for (const auto& one : cases) {
        bring_up(one);
        east_says(delete_esp(west().sending()->pair->outbound.spi));
        ASSERT_EQ(west().sending() == nullptr, true);
        expect_what_follows(one, seconds(20));
    }
}

TEST_F(LossActions, WhenThePeerIsSilent) {
    for (const auto& one : cases) {
        bring_up(one);
        manner = [](Flight&) { return false; };
        ASSERT_TRUE(live(minutes(3), seconds(1)));
        ASSERT_EQ(west().sending(), nullptr) << one.start << one.loss;
        manner = [](Flight&) { return true; };
        ASSERT_TRUE(world_->start(east()));
        expect_what_follows(one, minutes(2));
    }
}

// A command is stronger than a trap.
TEST_F(LossActions, DownByCommandIsDown) {
    for (const auto& one : cases) {
        bring_up(one);
        world_->input(west(), ike::CommandDown{});
        ASSERT_TRUE(live(seconds(5)));
        world_->input(west(), sa::Acquire{1});
        ASSERT_TRUE(live(minutes(1), seconds(1)));
        EXPECT_EQ(west().sending(), nullptr) << one.start << one.loss;
        EXPECT_EQ(peer_at_west().tunnels[0].next, "waiting for the peer, or for 'causeway up'");
    }
}

// What was built again once is kept up like any other: a failure is not the end of it.
TEST_F(LossActions, RestartGoesOnAfterAFailure) {
    bring_up(cases[2]);
    east_says(delete_esp(west().sending()->pair->outbound.spi));
    manner = [](Flight&) { return false; };
    ASSERT_TRUE(live(minutes(2), seconds(1)));
    manner = [](Flight&) { return true; };
    ASSERT_TRUE(world_->start(east()));
    ASSERT_TRUE(live(minutes(2), seconds(1)));
    EXPECT_NE(west().sending(), nullptr);
}

}  // namespace
}  // namespace causeway::hardening
