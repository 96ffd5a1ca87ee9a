// How often somebody who has proved nothing is told something.
#include "ike/engine/told_strangers.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>

#include "ike/limits.hpp"

namespace causeway::ike {
namespace {

using Topic = ToldStrangers::Topic;

const Instant start{std::chrono::hours(1)};
const IpAddress caller = IpAddress::v4(0xcb007101);  // 203.0.113.1

/// One of the prefix 10.N.0.0/24.
IpAddress of_prefix(std::size_t n, std::uint32_t host = 1) {
    return IpAddress::v4(0x0a000000U + (static_cast<std::uint32_t>(n) << 8U) + host);
}

TEST(ToldStrangers, ASourceIsToldOnceInTheInterval) {
    ToldStrangers told;
    EXPECT_TRUE(told.tell(Topic::refusal, caller, start));
    EXPECT_FALSE(told.tell(Topic::refusal, caller, start + limits::refusal_interval - Duration{1}));
    EXPECT_TRUE(told.tell(Topic::refusal, caller, start + limits::refusal_interval));
    EXPECT_FALSE(told.tell(Topic::refusal, caller, start + limits::refusal_interval)) << "that counts again";
}

TEST(ToldStrangers, APeerThatAsksUnderAForgottenSaAsksAgainSoon) {
    ToldStrangers told;
    EXPECT_TRUE(told.tell(Topic::unknown_cookies, caller, start));
    EXPECT_FALSE(
        told.tell(Topic::unknown_cookies, caller, start + limits::invalid_cookie_interval - Duration{1}));
    EXPECT_TRUE(told.tell(Topic::unknown_cookies, caller, start + limits::invalid_cookie_interval));
}

TEST(ToldStrangers, EachTopicCountsByItself) {
    ToldStrangers told;
    for (const auto topic : {Topic::refusal, Topic::unknown_cookies, Topic::mode, Topic::unproved_aggressive,
                             Topic::limit, Topic::ikev2}) {
        EXPECT_TRUE(told.tell(topic, caller, start));
    }
}

TEST(ToldStrangers, FewOfOnePrefixAreTold) {
    ToldStrangers told;
    for (std::uint32_t i = 0; i < limits::refusals_per_prefix; ++i) {
        EXPECT_TRUE(told.tell(Topic::refusal, of_prefix(0, i), start));
    }
    EXPECT_FALSE(told.tell(Topic::refusal, of_prefix(0, 99), start));
    EXPECT_TRUE(told.tell(Topic::refusal, of_prefix(1), start)) << "another prefix";
    EXPECT_TRUE(told.tell(Topic::refusal, of_prefix(0, 99), start + limits::refusal_interval));
}

TEST(ToldStrangers, SoManySourcesAreRememberedAndNoOtherIsTold) {
    ToldStrangers told;
    for (std::size_t i = 0; i < limits::refusal_sources; ++i) {
        ASSERT_TRUE(told.tell(Topic::refusal, of_prefix(i), start));
    }
    EXPECT_FALSE(told.tell(Topic::refusal, caller, start));
    EXPECT_TRUE(told.tell(Topic::mode, caller, start));
    EXPECT_TRUE(told.tell(Topic::refusal, caller, start + limits::refusal_interval))
        << "they are forgotten then";
}

TEST(ToldStrangers, WhoWasToldLately) {
    ToldStrangers told;
    EXPECT_FALSE(told.was_told_lately(Topic::ikev2, caller, start));
    ASSERT_TRUE(told.tell(Topic::ikev2, caller, start));
    EXPECT_TRUE(told.was_told_lately(Topic::ikev2, caller, start + limits::refusal_interval - Duration{1}));
    EXPECT_FALSE(told.was_told_lately(Topic::ikev2, caller, start + limits::refusal_interval));
    EXPECT_FALSE(told.was_told_lately(Topic::ikev2, of_prefix(0), start));
    EXPECT_FALSE(told.was_told_lately(Topic::limit, caller, start));
}

}  // namespace
}  // namespace causeway::ike
