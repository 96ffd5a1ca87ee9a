// One Quick Mode: what is repeated, what is answered again, and when it is over.
#include "ike/v1/exchange.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <utility>

#include "ike/limits.hpp"
#include "unit/ike/exchange_fixture.hpp"

namespace causeway::ike::v1 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Place elsewhere{{*IpAddress::parse("192.0.2.1"), 4500}, {*IpAddress::parse("198.51.100.7"), 4501}};

Duration expiry(const Exchange& one) {
    ike::Session::Timers timers;
    one.add_timers(timers);
    return *timers.next() - begin;
}

TEST(Exchange, DiffieHellmanOfBothEndsQuickModesIsToldApart) {
    EXPECT_NE(ours().dh_tag(), theirs().dh_tag());
    EXPECT_NE(exchange(Role::responder, 1).dh_tag(), 0U);
    EXPECT_NE(exchange(Role::responder, 0x80000001).dh_tag(), exchange(Role::responder, 1).dh_tag());
}

TEST(Exchange, OursHasMoreTime) {
    EXPECT_EQ(expiry(ours()), 4 * limits::half_open_time);
    EXPECT_EQ(expiry(theirs()), limits::half_open_time);
    EXPECT_FALSE(theirs().expired(begin + limits::half_open_time - milliseconds(1)));
    EXPECT_TRUE(theirs().expired(begin + limits::half_open_time));
}

TEST(Exchange, WhatIsSentIsRepeatedUntilTheNextStep) {
    auto one = ours();
    EXPECT_FALSE(one.repetition_due(begin + seconds(100)));
    offer(one);
    EXPECT_EQ(expiry(one), limits::retransmit_first);
    EXPECT_FALSE(one.repetition_due(begin + milliseconds(999)));
    EXPECT_TRUE(one.repetition_due(begin + seconds(1)));
    EXPECT_EQ(one.repeat(begin + seconds(1)), reply);
    EXPECT_FALSE(one.repetition_due(begin + seconds(1)));
    one.advance(completed());
    EXPECT_FALSE(one.repetition_due(begin + seconds(100)));
}

TEST(Exchange, AfterTwoMessagesOfOursWithoutAnswerThereIsDoubt) {
    auto one = ours();
    offer(one);
    auto his = theirs();
    answer(his);
    Instant now = begin + seconds(1);
    EXPECT_FALSE(one.leaves_doubt(now));
    EXPECT_FALSE(one.may_make_room(now));
    (void)one.repeat(now);
    (void)his.repeat(now);
    EXPECT_FALSE(one.leaves_doubt(now));  // the second one has only just left
    EXPECT_FALSE(one.may_make_room(now));
    now += seconds(2);
    EXPECT_TRUE(one.leaves_doubt(now));
    EXPECT_TRUE(one.may_make_room(now));
    EXPECT_FALSE(his.leaves_doubt(now));
    EXPECT_FALSE(his.may_make_room(now));
    (void)one.repeat(now);
    now += seconds(4);
    EXPECT_FALSE(one.leaves_doubt(now));  // once
    EXPECT_TRUE(one.may_make_room(now));
}

TEST(Exchange, IsUnderWayWhileTheNextMessageIsToBeExpected) {
    auto one = ours();
    EXPECT_TRUE(one.under_way(begin + limits::dpd_repeat - milliseconds(1)));  // computes
    EXPECT_FALSE(one.under_way(begin + limits::dpd_repeat));
    offer(one, begin + seconds(5));
    EXPECT_TRUE(one.under_way(begin + seconds(5)));
    (void)one.repeat(begin + seconds(6));
    EXPECT_FALSE(one.under_way(begin + seconds(6)));
    auto over = ours();
    over.finish(begin);
    EXPECT_FALSE(over.under_way(begin));
}

TEST(Exchange, ARepeatedRequestHasTheSameAnswer) {
    auto one = theirs();
    EXPECT_EQ(one.answer_to(request), nullptr);
    answer(one);
    ASSERT_NE(one.answer_to(request), nullptr);
    EXPECT_EQ(*one.answer_to(request), reply);
    EXPECT_EQ(one.answer_to({9}), nullptr);
    one.confirmed_by_peer();
    EXPECT_EQ(one.answer_to(request), nullptr);
}

TEST(Exchange, Message3IsAnsweredWithAgainWhenItIsFinished) {
    auto one = ours();
    confirm(one);
    ASSERT_NE(one.answer_to(request), nullptr);
    EXPECT_EQ(*one.answer_to(request), reply);
    EXPECT_TRUE(one.has_sent_message_3());
    EXPECT_FALSE(one.in_doubt());
    one.repeated_message_3(begin + seconds(3));
    EXPECT_TRUE(one.in_doubt());
}

TEST(Exchange, NothingComesOfAMessageThatIsBeingComputedForOrComesTooLate) {
    auto one = theirs();
    EXPECT_FALSE(one.has_done_with(request));
    one.await_dh(request);
    EXPECT_TRUE(one.has_done_with(request));
    EXPECT_FALSE(one.has_done_with({9}));
    EXPECT_EQ(one.take_pending_request(), request);
    EXPECT_FALSE(one.has_done_with(request));
    one.finish(begin);
    EXPECT_TRUE(one.has_done_with({9}));
}

TEST(Exchange, FinishedItIsRememberedForAWhile) {
    auto one = theirs();
    answer(one);
    one.finish(begin + seconds(4));
    EXPECT_TRUE(one.finished());
    EXPECT_FALSE(one.repetition_due(begin + seconds(100)));
    EXPECT_EQ(expiry(one), seconds(4) + limits::finished_exchange_time);
    EXPECT_NE(one.answer_to(request), nullptr);
}

TEST(Exchange, FinishedItsKeysAreNotKept) {
    auto one = theirs();
    answer(one);
    ASSERT_NE(one.state(), nullptr);
    one.finish(begin + seconds(4));
    EXPECT_EQ(one.state(), nullptr);
    EXPECT_FALSE(one.message_2_is_judged(begin + seconds(4)));
}

TEST(Exchange, FailedItSaysNothingAgain) {
    auto one = theirs();
    answer(one);
    one.fail(begin + seconds(4));
    EXPECT_TRUE(one.finished());
    EXPECT_EQ(one.answer_to(request), nullptr);
    EXPECT_EQ(expiry(one), seconds(4) + limits::finished_exchange_time);
    EXPECT_EQ(one.made(), sa::SaId{0xa1});
}

TEST(Exchange, AnswersGoElsewhereUntilThePeerIsKnownToBeThere) {
    auto one = theirs();
    one.answer_at(elsewhere);
    EXPECT_EQ(one.place(), elsewhere);
    one.answer_at_the_peer();
    EXPECT_EQ(one.place(), std::nullopt);
}

TEST(Exchange, Message2IsJudgedByErrorsSoonAfterItLeft) {
    auto one = theirs();
    EXPECT_FALSE(one.message_2_is_judged(begin));
    answer(one);
    EXPECT_TRUE(one.message_2_is_judged(begin + limits::message_3_judged - milliseconds(1)));
    EXPECT_FALSE(one.message_2_is_judged(begin + limits::message_3_judged));
    (void)one.repeat(begin + seconds(1));
    EXPECT_TRUE(one.message_2_is_judged(begin + limits::message_3_judged));
    one.fail(begin + seconds(2));
    EXPECT_FALSE(one.message_2_is_judged(begin + seconds(2)));
    auto own = ours();
    offer(own);
    EXPECT_FALSE(own.message_2_is_judged(begin));
}

TEST(Exchange, Message3IsJudgedByErrorsSoonAfterItLeft) {
    auto one = ours();
    EXPECT_FALSE(one.message_3_is_judged(begin));
    confirm(one);
    EXPECT_TRUE(one.message_3_is_judged(begin + limits::message_3_judged - milliseconds(1)));
    EXPECT_FALSE(one.message_3_is_judged(begin + limits::message_3_judged));
    one.repeated_message_3(begin + seconds(5));
    EXPECT_TRUE(one.message_3_is_judged(begin + limits::message_3_judged));
}

TEST(Exchange, ErrorsNameTheSpiOfWhatWaitsForAnAnswer) {
    auto own = ours();
    EXPECT_FALSE(own.waits_as());
    offer(own);
    ASSERT_TRUE(own.waits_as());
    EXPECT_EQ(own.waits_as()->ours, 0xa1U);
    EXPECT_EQ(own.waits_as()->theirs, 0U);
    confirm(own);
    EXPECT_FALSE(own.waits_as());
    auto his = theirs();
    answer(his);
    ASSERT_TRUE(his.waits_as());
    EXPECT_EQ(his.waits_as()->ours, 0xa1U);
    EXPECT_EQ(his.waits_as()->theirs, 0xb1U);
    his.fail(begin);
    EXPECT_FALSE(his.waits_as());
}

TEST(Exchange, WhatIsAgreedIsConfirmedWhereThePeerHasTheLastWord) {
    const auto own = ours().agreed(progress(0xa1), *agreement(0xb1));
    EXPECT_TRUE(own.confirmed);
    EXPECT_EQ(own.reqid, 1U);
    EXPECT_EQ(own.inbound.spi, 0xa1U);
    EXPECT_EQ(own.outbound.spi, 0xb1U);
    EXPECT_EQ(own.nonces, (Bytes{1, 2, 3}));
    EXPECT_EQ(own.encapsulation, sa::Encapsulation::none);
    EXPECT_TRUE(own.lifetime_adopted);
    EXPECT_EQ(own.since, begin);
    EXPECT_FALSE(theirs().agreed(progress(0xa1), *agreement(0xb1)).confirmed);
    quick_mode::Agreement udp;
    udp.choice.mode = isakmp::EncapsulationMode::udp_tunnel;
    EXPECT_EQ(ours().agreed(progress(0xa1), udp).encapsulation, sa::Encapsulation::udp);
}

}  // namespace
}  // namespace causeway::ike::v1
