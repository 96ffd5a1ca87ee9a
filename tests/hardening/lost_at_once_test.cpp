// Success that is followed by loss at once, in every way in which a peer can do that: it costs no more than
// refusals do, and one sentence names it.
#include <functional>
#include <map>
#include <set>
#include <string>

#include "hardening/other_make.hpp"

namespace causeway::hardening {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class LostAtOnce : public OtherMake {
 protected:
    /// 1, 2, 4, 8, 16, 32 s, then a minute each, with a quarter of jitter: what ten minutes hold.
    static constexpr std::size_t most_in_ten_minutes = 20;

    /// West keeps the tunnel up; whenever it has a new pair, `lose` is called with it.
    void each_new_pair(const std::function<void(const world::Installed&)>& lose) {
        afterwards = [this, lose] {
            for (const auto& [id, installed] : std::map(west().installed)) {
                if (installed.outbound && lost_.insert(id).second) {
                    lose(installed);
                }
            }
        };
    }
    void expect_pauses_and(const std::string& sentence) {
        ASSERT_TRUE(live(minutes(10), std::chrono::milliseconds(250))) << "a storm: " << quick_modes_;
        EXPECT_LE(quick_modes_, most_in_ten_minutes);
        EXPECT_LE(phase1s_, most_in_ten_minutes);
        EXPECT_GE(said(west(), EventCode::lost_at_once, sentence), 3U);
        EXPECT_NE(status::sentence_of(peer_at_west().last_error).find(sentence), std::string::npos)
            << status::sentence_of(peer_at_west().last_error);
    }
    std::set<sa::SaId> lost_;
};

TEST_F(LostAtOnce, PairsThatThePeerDeletes) {
    begin_both({{"start", "start"}}, {});
    each_new_pair([this](const auto& pair) { east_says(delete_esp(pair.pair->outbound.spi)); });
    expect_pauses_and("the peer deletes each new SA at once: ");
    EXPECT_NE(why_down().find("the peer deletes each new SA at once"), std::string::npos) << why_down();
    EXPECT_EQ(peer_at_west().tunnels.front().why_down->code, "deleted-at-once");
    EXPECT_GE(quick_modes_, 8U) << "it is tried no more";
}

// Packets that wait for the tunnel shorten long pauses to eight seconds, not more.
TEST_F(LostAtOnce, PacketsThatWaitDoNotUndoThePauses) {
    for (const std::string start : {"start", "traffic"}) {
        lost_.clear();
        begin_both({{"start", start}}, {});
        world_->input(west(), sa::Acquire{1});
        each_new_pair([this](const auto& pair) { east_says(delete_esp(pair.pair->outbound.spi)); });
        for (int i = 0; i < 240; ++i) {
            ASSERT_TRUE(live(seconds(1), std::chrono::milliseconds(250))) << start;
            if (west().sending() == nullptr) {
                world_->input(west(), sa::Acquire{1});
            }
        }
        EXPECT_LE(quick_modes_, 40U) << start;
        EXPECT_GE(quick_modes_, 20U) << start;
    }
}

TEST_F(LostAtOnce, IsakmpSasThatThePeerDeletes) {
    begin_both({{"start", "start"}}, {});
    std::set<std::string> lost;
    afterwards = [&] {
        const auto peer = peer_at_west();
        for (const auto& sa : peer.ike_sas) {
            // What encrypts under it has been seen: its keys are known.
            if (sa.state == status::IsakmpSaState::established && !known_.empty() &&
                to_hex(Bytes(known_.begin(), known_.begin() + 8)) == sa.cky_i &&
                lost.insert(sa.cky_r).second) {
                east_says(delete_isakmp());
            }
        }
    };
    expect_pauses_and("the peer deletes each new ISAKMP SA at once: ");
}

TEST_F(LostAtOnce, PairsThatAreUsedUp) {
    begin_both({{"start", "start"}}, {});
    each_new_pair([this](const auto& pair) { world_->input(west(), sa::Exhausted{pair.pair->id, true}); });
    expect_pauses_and("each new SA is used up at once");
}

TEST_F(LostAtOnce, PairsWhoseLifetimeIsASecond) {
    begin_both({{"start", "start"}, {"rekey", "no"}}, {{"esp-lifetime", "1"}});
    expect_pauses_and("each new SA ends at once");
}

TEST_F(LostAtOnce, PairsThatThePeerCannotUse) {
    begin_both({{"start", "start"}}, {});
    each_new_pair([this](const auto&) { east_says(notification(isakmp::NotifyType::payload_malformed)); });
    expect_pauses_and("PAYLOAD-MALFORMED");
}

// A renewal that is lost at once while the pair before stands.
TEST_F(LostAtOnce, RenewalsThatThePeerDeletes) {
    begin_both({{"start", "start"}}, {});
    ASSERT_TRUE(live(minutes(1)));
    ASSERT_NE(west().sending(), nullptr);
    const auto first = west().installed.begin()->first;
    lost_.insert(first);
    each_new_pair([this](const auto& pair) { east_says(delete_esp(pair.pair->outbound.spi)); });
    world_->input(west(), sa::Exhausted{first, false});
    quick_modes_ = 0;
    ASSERT_TRUE(live(minutes(10), std::chrono::milliseconds(250))) << quick_modes_;
    EXPECT_LE(quick_modes_, most_in_ten_minutes + 5);  // the older pair ends meanwhile, too
    EXPECT_GE(said(west(), EventCode::lost_at_once), 2U);
}

// One who comes and goes cannot be made to pause; it is told, and what lasts is no loss.
TEST_F(LostAtOnce, APeerThatStartsAfreshAgainAndAgain) {
    begin_both({{"start", "start"}}, {{"start", "start"}});
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(live(seconds(5)));
        ASSERT_TRUE(world_->start(east()));
    }
    EXPECT_GE(said(west(), EventCode::lost_at_once, "the peer restarts again and again"), 3U);
    EXPECT_LE(quick_modes_, 40U);
    ASSERT_TRUE(live(minutes(2)));
    EXPECT_NE(west().sending(), nullptr);
    // After that a single loss is mended at once.
    const auto before = quick_modes_;
    east_says(delete_esp(west().sending()->pair->outbound.spi));
    ASSERT_TRUE(live(seconds(1)));
    EXPECT_EQ(quick_modes_, before + 1);
    expect_up();
}

TEST_F(LostAtOnce, AnAuthenticatedPeerCannotMakeUsBurn) {
    begin_both({}, {});
    Payloads quick;
    manner = [&](Flight& flight) {
        if (quick.empty() && flight.from == "east" && flight.seen.header.exchange == ExchangeType::quick) {
            quick = {flight.seen.payloads.begin() + 1, flight.seen.payloads.end()};
        }
        return true;
    };
    world_->input(east(), ike::CommandUp{});
    ASSERT_TRUE(live(seconds(1)));
    std::size_t answered = 0;
    for (int i = 0; i < 60 * 20; ++i) {
        answered += from_the_peer(ExchangeType::quick, quick).empty() ? 0 : 1;
        ASSERT_TRUE(live(std::chrono::milliseconds(50)));
    }
    EXPECT_LE(answered, limits::peers_quick_modes_at_once + 4 +
                            static_cast<std::size_t>(minutes(1) / limits::peers_quick_mode_interval) + 1);
    EXPECT_GE(said(west(), EventCode::limit_reached), 1U);
    EXPECT_LE(said(west(), EventCode::limit_reached), 3U);
    EXPECT_NE(west().sending(), nullptr);
}

// Nor by Phase 1: after a hundred and some it is answered once a second.
TEST_F(LostAtOnce, APeerThatMakesPhase1WithoutEndIsAnsweredOnceASecond) {
    begin_both({}, {{"start", "start"}});
    const Instant begun = world_->now();
    for (int i = 0; i < 1'000; ++i) {
        ASSERT_TRUE(live(std::chrono::milliseconds(500)));
        ASSERT_TRUE(world_->start(east()));
    }
    const auto passed = static_cast<std::size_t>((world_->now() - begun) / limits::peers_phase1_interval);
    EXPECT_LE(said(west(), EventCode::phase1_established), limits::peers_phase1_at_once + passed + 1);
    EXPECT_GE(said(west(), EventCode::limit_reached, "makes Phase 1 again and again"), 1U);
    EXPECT_LE(said(west(), EventCode::limit_reached, "makes Phase 1 again and again"), 10U);
}

}  // namespace
}  // namespace causeway::hardening
