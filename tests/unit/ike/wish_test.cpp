// What is wanted of a tunnel: by its configuration, by commands, by packets, and after a loss.
#include "ike/engine/wish.hpp"

#include <gtest/gtest.h>

#include "config/model.hpp"

namespace causeway::ike {
namespace {

using config::LossAction;
using config::StartAction;

config::Tunnel configured(StartAction start, LossAction on_close = LossAction::clear,
                          LossAction on_silence = LossAction::clear) {
    config::Tunnel tunnel;
    tunnel.start = start;
    tunnel.on_close = on_close;
    tunnel.on_silence = on_silence;
    return tunnel;
}

TEST(Wish, TheConfigurationSaysWhatIsWantedAtFirst) {
    EXPECT_TRUE(Wish(StartAction::start).wanted());
    EXPECT_FALSE(Wish(StartAction::traffic).wanted());
    EXPECT_FALSE(Wish(StartAction::none).wanted());
}

TEST(Wish, PacketsRaiseWhatWaitsForThem) {
    EXPECT_TRUE(Wish(StartAction::traffic).raised_by_packets());
    EXPECT_FALSE(Wish(StartAction::none).raised_by_packets());
    EXPECT_TRUE(Wish(StartAction::start).raised_by_packets()) << "it is wanted anyway";
}

TEST(Wish, APacketIsNewsOnce) {
    Wish wish(StartAction::traffic);
    EXPECT_TRUE(wish.raise_by_packet());
    EXPECT_TRUE(wish.wanted());
    EXPECT_FALSE(wish.raise_by_packet());
}

TEST(Wish, WhatAPacketHasRaisedWaitsForTheNextOneWhenItFails) {
    Wish wish(StartAction::traffic);
    (void)wish.raise_by_packet();
    wish.attempt_failed();
    EXPECT_FALSE(wish.wanted());
    EXPECT_TRUE(wish.raised_by_packets());
}

TEST(Wish, WhatIsKeptUpStaysWantedWhenItFails) {
    Wish wish(StartAction::start);
    wish.attempt_failed();
    EXPECT_TRUE(wish.wanted());
    wish.give_up();
    EXPECT_FALSE(wish.wanted());
    (void)wish.raise_by_packet();
    wish.attempt_failed();
    EXPECT_FALSE(wish.wanted()) << "given up means not kept up";
}

TEST(Wish, ACommandRaisesOnce) {
    Wish wish(StartAction::none);
    wish.raise_by_command();
    EXPECT_TRUE(wish.wanted());
    wish.attempt_failed();
    EXPECT_FALSE(wish.wanted());
}

TEST(Wish, ACommandRestoresWhatTheConfigurationKeepsUp) {
    Wish wish(StartAction::start);
    wish.take_down();
    EXPECT_FALSE(wish.wanted());
    EXPECT_TRUE(wish.held_down());
    wish.raise_by_command();
    EXPECT_FALSE(wish.held_down());
    wish.attempt_failed();
    EXPECT_TRUE(wish.wanted());
}

TEST(Wish, WhatIsHeldDownIsRaisedByNoPacketAndByNoLoss) {
    Wish wish(StartAction::traffic);
    wish.take_down();
    EXPECT_FALSE(wish.raised_by_packets());
    wish.lose(LossAction::restart);
    EXPECT_FALSE(wish.wanted());
    wish.raise_by_command();
    wish.attempt_failed();
    EXPECT_FALSE(wish.wanted()) << "that loss has kept nothing up";
}

TEST(Wish, TakingDownRemovesATrap) {
    Wish wish(StartAction::none);
    wish.lose(LossAction::traffic);
    wish.take_down();
    wish.raise_by_command();
    wish.attempt_failed();
    EXPECT_FALSE(wish.raised_by_packets());
}

TEST(Wish, ALossIsFollowedByItsAction) {
    Wish restarted(StartAction::none);
    restarted.lose(LossAction::restart);
    EXPECT_TRUE(restarted.wanted());
    restarted.attempt_failed();
    EXPECT_TRUE(restarted.wanted()) << "it is kept up from then on";
    Wish trapped(StartAction::start);
    trapped.lose(LossAction::traffic);
    EXPECT_FALSE(trapped.wanted());
    EXPECT_TRUE(trapped.raised_by_packets());
    Wish cleared(StartAction::start);
    cleared.lose(LossAction::clear);
    EXPECT_FALSE(cleared.wanted());
    EXPECT_FALSE(cleared.raised_by_packets());
}

TEST(Wish, ATrapStaysThroughOtherLosses) {
    Wish wish(StartAction::none);
    wish.lose(LossAction::traffic);
    wish.lose(LossAction::clear);
    EXPECT_TRUE(wish.raised_by_packets());
}

TEST(Wish, WhatWeHaveLostOurselvesIsWantedInAddition) {
    Wish wanted(StartAction::start);
    wanted.bring_back(LossAction::traffic);
    EXPECT_TRUE(wanted.wanted());
    wanted.attempt_failed();
    EXPECT_TRUE(wanted.wanted()) << "it is still kept up";
    Wish raised(StartAction::none);
    raised.raise_by_command();
    raised.bring_back(LossAction::clear);
    EXPECT_TRUE(raised.wanted());
    Wish idle(StartAction::none);
    idle.bring_back(LossAction::traffic);
    EXPECT_FALSE(idle.wanted());
    EXPECT_TRUE(idle.raised_by_packets());
    Wish again(StartAction::none);
    again.bring_back(LossAction::restart);
    again.attempt_failed();
    EXPECT_TRUE(again.wanted());
}

TEST(Wish, RaisingKeepsNothingUp) {
    Wish wish(StartAction::none);
    wish.raise();
    EXPECT_TRUE(wish.wanted());
    wish.attempt_failed();
    EXPECT_FALSE(wish.wanted());
}

TEST(Wish, StoppingIsNoCommand) {
    Wish wish(StartAction::start);
    wish.stop();
    EXPECT_FALSE(wish.wanted());
    EXPECT_FALSE(wish.held_down());
}

TEST(Wish, AnotherConfigurationRaisesWhatItStarts) {
    Wish wish(StartAction::none);
    wish.adopt(configured(StartAction::none), configured(StartAction::start));
    EXPECT_TRUE(wish.wanted());
    wish.attempt_failed();
    EXPECT_TRUE(wish.wanted());
}

TEST(Wish, AnotherConfigurationTakesNothingDown) {
    Wish wish(StartAction::start);
    wish.adopt(configured(StartAction::start), configured(StartAction::traffic));
    EXPECT_TRUE(wish.wanted());
    wish.attempt_failed();
    EXPECT_FALSE(wish.wanted()) << "but it is not kept up any more";
    EXPECT_TRUE(wish.raised_by_packets()) << "and waits for packets now";
}

TEST(Wish, AnotherConfigurationDoesNotEndWhatACommandHolds) {
    Wish wish(StartAction::none);
    wish.take_down();
    wish.adopt(configured(StartAction::none), configured(StartAction::start));
    EXPECT_FALSE(wish.wanted());
}

TEST(Wish, TheSameStartDecidesNothingAnew) {
    Wish wish(StartAction::start);
    wish.give_up();
    wish.adopt(configured(StartAction::start), configured(StartAction::start));
    EXPECT_FALSE(wish.wanted());
}

TEST(Wish, ATrapStaysOnlyWithTheSameActions) {
    const auto before = configured(StartAction::none, LossAction::traffic, LossAction::traffic);
    Wish same(StartAction::none);
    same.lose(LossAction::traffic);
    same.adopt(before, before);
    EXPECT_TRUE(same.raised_by_packets());
    Wish close(StartAction::none);
    close.lose(LossAction::traffic);
    close.adopt(before, configured(StartAction::none, LossAction::clear, LossAction::traffic));
    EXPECT_FALSE(close.raised_by_packets());
    Wish silence(StartAction::none);
    silence.lose(LossAction::traffic);
    silence.adopt(before, configured(StartAction::none, LossAction::traffic, LossAction::clear));
    EXPECT_FALSE(silence.raised_by_packets());
}

}  // namespace
}  // namespace causeway::ike
