// Whose turn it is of several groups when one exchange can offer one only.
#include "ike/engine/offered_groups.hpp"

#include <gtest/gtest.h>

namespace causeway::ike {
namespace {

using Answer = OfferedGroups::Answer;

TEST(OfferedGroups, ARefusalIsTheNextOnesTurn) {
    OfferedGroups groups;
    EXPECT_EQ(groups.turn(3), 0U);
    EXPECT_TRUE(groups.failed(Answer::refused, 3));
    EXPECT_EQ(groups.turn(3), 1U);
    EXPECT_TRUE(groups.another_left(3));
}

TEST(OfferedGroups, ARoundEndsWhenEachWasRefused) {
    OfferedGroups groups;
    EXPECT_TRUE(groups.failed(Answer::refused, 3));
    EXPECT_TRUE(groups.failed(Answer::refused, 3));
    EXPECT_FALSE(groups.another_left(3)) << "the last one is on its way";
    EXPECT_FALSE(groups.failed(Answer::refused, 3));
    EXPECT_EQ(groups.turn(3), 0U) << "and then it begins again";
    EXPECT_TRUE(groups.failed(Answer::refused, 3));
}

TEST(OfferedGroups, OneGroupHasNoOther) {
    OfferedGroups groups;
    EXPECT_FALSE(groups.another_left(1));
    EXPECT_FALSE(groups.failed(Answer::refused, 1));
    EXPECT_FALSE(groups.failed(Answer::refused, 0));
    EXPECT_EQ(groups.turn(1), 0U);
}

TEST(OfferedGroups, SilenceTriesAnotherAndRefusesNone) {
    OfferedGroups groups;
    EXPECT_FALSE(groups.failed(Answer::silence, 2));
    EXPECT_EQ(groups.turn(2), 1U);
    EXPECT_TRUE(groups.another_left(2));
}

TEST(OfferedGroups, WhatWasAgreedIsNotGivenUpForSilence) {
    OfferedGroups groups;
    groups.agreed(1);
    EXPECT_FALSE(groups.failed(Answer::silence, 3));
    EXPECT_EQ(groups.turn(3), 1U);
    EXPECT_TRUE(groups.failed(Answer::refused, 3));
    EXPECT_EQ(groups.turn(3), 2U);
    EXPECT_FALSE(groups.failed(Answer::silence, 3)) << "nothing is agreed any more";
    EXPECT_EQ(groups.turn(3), 0U);
}

TEST(OfferedGroups, AnAgreementBeginsANewRound) {
    OfferedGroups groups;
    EXPECT_TRUE(groups.failed(Answer::refused, 2));
    groups.agreed(1);
    EXPECT_TRUE(groups.another_left(2));
    EXPECT_TRUE(groups.failed(Answer::refused, 2));
}

TEST(OfferedGroups, AShorterListIsNoHarm) {
    OfferedGroups groups;
    groups.agreed(4);
    EXPECT_LT(groups.turn(3), 3U);
}

}  // namespace
}  // namespace causeway::ike
