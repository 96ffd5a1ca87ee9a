// Whether the peer of a conversation is there.
#include "ike/inquiry.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>

#include "ike/limits.hpp"

namespace causeway::ike {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class InquiryTest : public ::testing::Test {
 protected:
    Instant now{seconds(1000)};
    Inquiry inquiry;
};

TEST_F(InquiryTest, WhoCannotBeAskedIsNotLookedAfter) {
    EXPECT_FALSE(inquiry.possible());
    EXPECT_EQ(inquiry.next(), std::nullopt);
    inquiry.look_no_later_than(now);
    EXPECT_FALSE(inquiry.possible());
    EXPECT_FALSE(inquiry.take_hint(now));
    inquiry.begin(now + seconds(30));
    EXPECT_TRUE(inquiry.possible());
    EXPECT_EQ(inquiry.next(), now + seconds(30));
}

TEST_F(InquiryTest, LooksNoLaterButAlsoSooner) {
    inquiry.begin(now + seconds(30));
    inquiry.look_no_later_than(now + seconds(40));
    EXPECT_EQ(inquiry.next(), now + seconds(30));
    inquiry.look_no_later_than(now + seconds(1));
    EXPECT_EQ(inquiry.next(), now + seconds(1));
}

TEST_F(InquiryTest, ARepetitionKeepsTheInstantOfTheQuestion) {
    inquiry.begin(now);
    inquiry.ask(now);
    inquiry.ask(now + seconds(2));
    EXPECT_EQ(inquiry.asked(), now);
    EXPECT_EQ(inquiry.unanswered(), 2U);
    EXPECT_EQ(inquiry.next(), now + seconds(2) + limits::dpd_repeat);
    inquiry.answered();
    inquiry.ask(now + seconds(9));
    EXPECT_EQ(inquiry.asked(), now + seconds(9));
    EXPECT_EQ(inquiry.unanswered(), 1U);
}

TEST_F(InquiryTest, AsksFasterWhenTrafficHasNoAnswerOrWeHaveNone) {
    inquiry.begin(now);
    inquiry.hasten();
    inquiry.ask(now);
    EXPECT_EQ(inquiry.next(), now + limits::dpd_repeat_eager);
    inquiry.calm();
    EXPECT_EQ(inquiry.unanswered(), 0U);
    inquiry.ask(now);
    EXPECT_EQ(inquiry.next(), now + limits::dpd_repeat);
    inquiry.unheeded();
    inquiry.ask(now);
    EXPECT_EQ(inquiry.next(), now + limits::dpd_repeat_eager);
    inquiry.heeded();
    inquiry.ask(now);
    EXPECT_EQ(inquiry.next(), now + limits::dpd_repeat);
}

TEST_F(InquiryTest, AQuestionIsUnderWayUntilItIsRepeatedOrAnsweredOrOld) {
    inquiry.begin(now);
    EXPECT_FALSE(inquiry.under_way(now));
    inquiry.ask(now);
    EXPECT_TRUE(inquiry.under_way(now + limits::question_alone - milliseconds(1)));
    EXPECT_FALSE(inquiry.under_way(now + limits::question_alone));
    EXPECT_EQ(inquiry.under_way_until(), now + limits::question_alone);
    inquiry.ask(now);
    EXPECT_FALSE(inquiry.under_way(now)) << "a repetition holds nothing up";
    inquiry.rest(now + seconds(30));
    inquiry.ask(now);
    inquiry.answered();
    EXPECT_FALSE(inquiry.under_way(now));
}

TEST_F(InquiryTest, WhatIsHeardEndsDoubtsAndProves) {
    inquiry.begin(now);
    inquiry.established(now - seconds(5));
    EXPECT_EQ(inquiry.last_heard(), now - seconds(5));
    EXPECT_FALSE(inquiry.proven());
    inquiry.disown();
    inquiry.unheeded();
    inquiry.heard(now);
    EXPECT_EQ(inquiry.last_heard(), now);
    EXPECT_TRUE(inquiry.proven());
    EXPECT_FALSE(inquiry.disowned());
    EXPECT_FALSE(inquiry.is_unheeded());
    EXPECT_FALSE(inquiry.ever_answered()) << "that takes an answer";
}

TEST_F(InquiryTest, LifeSaysWhetherItWasAskedForEagerly) {
    inquiry.begin(now);
    inquiry.ask(now);
    EXPECT_FALSE(inquiry.shows_life());
    EXPECT_EQ(inquiry.unanswered(), 0U);
    inquiry.hasten();
    inquiry.ask(now);
    EXPECT_TRUE(inquiry.shows_life());
    EXPECT_FALSE(inquiry.eager());
}

TEST_F(InquiryTest, AnswersAreRemembered) {
    inquiry.begin(now);
    inquiry.ask(now);
    inquiry.answered();
    EXPECT_TRUE(inquiry.ever_answered());
}

TEST_F(InquiryTest, RestForgetsTheQuestionAndLooksAgain) {
    inquiry.begin(now);
    inquiry.ask(now);
    inquiry.rest(now + seconds(30));
    EXPECT_EQ(inquiry.unanswered(), 0U);
    EXPECT_EQ(inquiry.next(), now + seconds(30));
}

TEST_F(InquiryTest, HintsAreFollowedNowAndThen) {
    inquiry.begin(now + seconds(30));
    EXPECT_TRUE(inquiry.take_hint(now));
    EXPECT_FALSE(inquiry.take_hint(now + seconds(1))) << "strangers must not make us ask all the time";
    EXPECT_TRUE(inquiry.take_hint(now + limits::hint_interval));
    inquiry.ask(now);
    EXPECT_FALSE(inquiry.take_hint(now + seconds(60))) << "it is being asked";
}

}  // namespace
}  // namespace causeway::ike
