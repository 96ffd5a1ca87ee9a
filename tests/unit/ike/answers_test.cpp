// Answers that are given again.
#include "ike/v1/answers.hpp"

#include <gtest/gtest.h>

namespace causeway::ike::v1 {
namespace {

TEST(LastAnswers, TheLastTwoAreKept) {
    LastAnswers answers;
    EXPECT_EQ(answers.latest(), nullptr);
    answers.add({1}, {11});
    answers.add({2}, {22});
    ASSERT_NE(answers.to({1}), nullptr);
    EXPECT_EQ(*answers.to({1}), Bytes{11});
    answers.add({3}, {33});
    EXPECT_EQ(answers.to({1}), nullptr);
    ASSERT_NE(answers.to({2}), nullptr);
    EXPECT_EQ(*answers.to({2}), Bytes{22});
    ASSERT_NE(answers.latest(), nullptr);
    EXPECT_EQ(*answers.latest(), Bytes{33});
}

TEST(Digest, TellsDatagramsApart) {
    const Bytes one{1, 2, 3};
    EXPECT_EQ(digest_of(one).size(), 8U);
    EXPECT_EQ(digest_of(one), digest_of(one));
    EXPECT_NE(digest_of(one), digest_of(Bytes{1, 2, 4}));
}

}  // namespace
}  // namespace causeway::ike::v1
