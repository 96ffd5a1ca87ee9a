// Optionals in little room.
#include "base/occasional.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace causeway {
namespace {

constexpr Instant noon{std::chrono::seconds(12)};

TEST(Occasional, IsAnOptional) {
    Occasional<std::string> one;
    EXPECT_FALSE(one);
    EXPECT_EQ(one, std::nullopt);
    one = std::string("here");
    ASSERT_TRUE(one.has_value());
    EXPECT_EQ(*one, "here");
    EXPECT_EQ(one->size(), 4U);
    EXPECT_EQ(one, std::string("here"));
    EXPECT_NE(one, Occasional<std::string>(std::string("there")));
    EXPECT_NE(one, std::nullopt);
    EXPECT_EQ(one.emplace(2U, 'x'), "xx");
    one.reset();
    EXPECT_FALSE(one);
    EXPECT_EQ(Occasional<std::string>(std::optional<std::string>()), std::nullopt);
}

TEST(Occasional, ACopyHasAValueOfItsOwn) {
    const Occasional<std::string> one(std::string("here"));
    Occasional<std::string> other = one;
    *other += " too";
    EXPECT_EQ(*one, "here");
    EXPECT_EQ(*other, "here too");
    other = one;
    EXPECT_EQ(other, one);
    EXPECT_EQ(Occasional<std::string>(Occasional<std::string>()), std::nullopt);
}

TEST(Occasional, WhatIsTakenIsNotThereAnyMore) {
    Occasional<std::string> one(std::string("here"));
    EXPECT_EQ(one.take(), "here");
    EXPECT_FALSE(one);
    EXPECT_EQ(one.take(), std::nullopt);
}

TEST(Occasional, TakesTheRoomOfAPointer) {
    EXPECT_EQ(sizeof(Occasional<std::string>), sizeof(void*));
}

TEST(OptionalInstant, IsAnOptional) {
    OptionalInstant one;
    EXPECT_FALSE(one);
    EXPECT_EQ(std::optional<Instant>(one), std::nullopt);
    EXPECT_EQ(one.value_or(noon), noon);
    one = noon;
    ASSERT_TRUE(one.has_value());
    EXPECT_EQ(*one, noon);
    EXPECT_EQ(std::optional<Instant>(one), noon);
    EXPECT_EQ(one.value_or(Instant{}), noon);
    one = std::optional<Instant>();
    EXPECT_EQ(one, OptionalInstant());
    one = Instant{};
    EXPECT_TRUE(one) << "the line's zero is an instant like others";
    one.reset();
    EXPECT_FALSE(one);
}

TEST(OptionalInstant, NothingComesBeforeEveryInstantAndTakesNoRoom) {
    EXPECT_LT(OptionalInstant(), OptionalInstant(Instant{} - std::chrono::hours(1'000'000)));
    EXPECT_LT(OptionalInstant(Instant{}), OptionalInstant(noon));
    EXPECT_EQ(sizeof(OptionalInstant), sizeof(Instant));
}

}  // namespace
}  // namespace causeway
