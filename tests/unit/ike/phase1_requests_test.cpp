// The peer's messages of Phase 1.
#include "ike/v1/phase1_requests.hpp"

#include <gtest/gtest.h>

#include "ike/limits.hpp"

namespace causeway::ike::v1 {
namespace {

TEST(Phase1Requests, AnAnswerIsNotMuchLongerThanWhatItAnswers) {
    Phase1Requests requests;
    EXPECT_FALSE(requests.admits(Bytes(1)));
    requests.read(100);
    EXPECT_TRUE(requests.admits(Bytes(100 * limits::answer_per_request)));
    EXPECT_FALSE(requests.admits(Bytes(100 * limits::answer_per_request + 1)));
}

TEST(Phase1Requests, OneIsComputedForOnce) {
    Phase1Requests requests;
    EXPECT_FALSE(requests.is_pending({1}));
    requests.await_dh({1});
    EXPECT_TRUE(requests.is_pending({1}));
    EXPECT_FALSE(requests.is_pending({2}));
    EXPECT_EQ(requests.take_pending(), Bytes{1});
    EXPECT_FALSE(requests.is_pending({1}));
}

TEST(Phase1Requests, OneThatCameToNothingMayBeReadAgain) {
    Phase1Requests requests;
    requests.await_dh({1});
    requests.forget_pending();
    EXPECT_FALSE(requests.is_pending({1}));
}

TEST(Phase1Requests, ARepetitionHasTheSameAnswer) {
    Phase1Requests requests;
    requests.answered({1}, {11});
    EXPECT_EQ(requests.answer_to({2}), nullptr);
    ASSERT_NE(requests.answer_to({1}), nullptr);
    EXPECT_EQ(*requests.answer_to({1}), Bytes{11});
}

TEST(Phase1Requests, WhatThePeerHasGoneOnFromIsNotAnsweredAgain) {
    Phase1Requests requests;
    requests.answered({1}, {11});
    requests.forget();
    EXPECT_EQ(requests.answer_to({1}), nullptr);
    EXPECT_EQ(requests.latest_answer_for(100), nullptr);
}

TEST(Phase1Requests, AnotherMessageDrawsTheLatestAnswerUnlessItIsTooLong) {
    Phase1Requests requests;
    EXPECT_EQ(requests.latest_answer_for(100), nullptr);
    requests.answered({1}, Bytes(1));
    requests.answered({2}, Bytes(100 * limits::answer_per_request));
    EXPECT_EQ(requests.latest_answer_for(99), nullptr);
    ASSERT_NE(requests.latest_answer_for(100), nullptr);
    EXPECT_EQ(requests.latest_answer_for(100)->size(), 100 * limits::answer_per_request);
}

TEST(Phase1Requests, ValuesThatAreNotAdmittedAreCounted) {
    Phase1Requests requests;
    for (unsigned i = 1; i < limits::refused_values; ++i) {
        EXPECT_TRUE(requests.may_do_better());
    }
    EXPECT_FALSE(requests.may_do_better());
}

}  // namespace
}  // namespace causeway::ike::v1
