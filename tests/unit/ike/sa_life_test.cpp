// How long a session lives, and what replaces it.
#include "ike/engine/sa_life.hpp"

#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <vector>

#include "ike/limits.hpp"

namespace causeway::ike {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class SaLifeTest : public ::testing::Test {
 protected:
    void establish() {
        life.establish(now);
        life.set(now + hours(1), now + minutes(50));
    }
    [[nodiscard]] std::vector<Instant> deadlines() const {
        std::vector<Instant> all;
        life.each_deadline([&](Instant at) { all.push_back(at); });
        std::ranges::sort(all);
        return all;
    }

    Instant now{seconds(1000)};
    SaLife life{now, now + seconds(30), 7};
};

TEST_F(SaLifeTest, UnfinishedItIsGivenUp) {
    EXPECT_EQ(deadlines(), std::vector{now + seconds(30)});
    EXPECT_FALSE(life.is_expired(now + seconds(29)));
    EXPECT_TRUE(life.is_expired(now + seconds(30)));
    EXPECT_TRUE(life.is_renewal_of(7));
    EXPECT_FALSE(life.is_renewal_of(8));
}

TEST_F(SaLifeTest, EstablishedItIsRenewedBeforeItsEnd) {
    establish();
    EXPECT_EQ(deadlines(), (std::vector{now + minutes(50), now + hours(1)}));
    EXPECT_FALSE(life.is_to_be_renewed(now + minutes(49)));
    EXPECT_TRUE(life.is_to_be_renewed(now + minutes(50)));
    life.take_renewal();
    EXPECT_FALSE(life.is_to_be_renewed(now + minutes(50))) << "a deadline in the past would fire for ever";
    EXPECT_TRUE(life.is_expired(now + hours(1)));
}

TEST_F(SaLifeTest, WhatIsNeverRenewedIsNotRenewedSooner) {
    life.establish(now);
    life.set(now + hours(1), std::nullopt);
    EXPECT_FALSE(life.move_renewal(now));
    EXPECT_EQ(life.renewal(), std::nullopt);
    establish();
    EXPECT_TRUE(life.move_renewal(now));
    EXPECT_TRUE(life.is_to_be_renewed(now));
}

TEST_F(SaLifeTest, WhatMayHaveToServeIsRenewedHalfway) {
    establish();
    life.take_renewal();
    life.renew_halfway(now + minutes(50));
    EXPECT_EQ(life.renewal(), now + minutes(55));
    life.take_renewal();
    life.renew_halfway(now + hours(1) - limits::renewal_too_late);
    EXPECT_EQ(life.renewal(), std::nullopt) << "too late for another one";
}

TEST_F(SaLifeTest, ReplacedItIsDeletedAndNotRenewed) {
    establish();
    EXPECT_FALSE(life.is_replaced());
    life.replaced(now + seconds(30));
    EXPECT_TRUE(life.is_replaced());
    EXPECT_EQ(life.renewal(), std::nullopt);
    EXPECT_FALSE(life.is_to_be_deleted(now + seconds(29)));
    EXPECT_TRUE(life.is_to_be_deleted(now + seconds(30)));
    life.delete_later(now + seconds(32));
    EXPECT_FALSE(life.is_to_be_deleted(now + seconds(31)));
}

TEST_F(SaLifeTest, ItServesAgainWhenItsSuccessorDoesNot) {
    establish();
    life.replaced(now + seconds(30));
    life.serve_again(now + seconds(2));
    EXPECT_FALSE(life.is_replaced());
    EXPECT_FALSE(life.is_to_be_deleted(now + hours(1)));
    EXPECT_EQ(life.renewal(), now + seconds(2));
    life.serve_again(std::nullopt);
    EXPECT_EQ(life.renewal(), now + seconds(2)) << "as it was";
}

TEST_F(SaLifeTest, WornOutItIsRenewedSoonButNotMoreThanOnceAMinute) {
    life.wear_out(now);
    EXPECT_FALSE(life.is_worn_out()) << "nothing can be worn out that does not stand";
    establish();
    life.wear_out(now + seconds(10));
    EXPECT_TRUE(life.is_worn_out());
    EXPECT_EQ(life.renewal(), now + limits::renewal_interval);
    establish();
    life.wear_out(now + minutes(20));
    EXPECT_EQ(life.renewal(), now + minutes(20));
    life.take_renewal();
    life.wear_out(now + minutes(21));
    EXPECT_EQ(life.renewal(), now + minutes(21)) << "also when no renewal was set";
}

TEST_F(SaLifeTest, WornOutItIsRenewedNoLaterThanPlanned) {
    establish();
    life.wear_out(now + minutes(55));
    EXPECT_EQ(life.renewal(), now + minutes(50));
}

TEST_F(SaLifeTest, WhatIsReplacedWearsOutNoMore) {
    establish();
    life.replaced(now + seconds(30));
    life.wear_out(now);
    EXPECT_FALSE(life.is_worn_out());
    EXPECT_EQ(life.renewal(), std::nullopt);
}

TEST_F(SaLifeTest, OlderIsWhatStoodBeforeAndWhatWasBegunBefore) {
    EXPECT_TRUE(life.is_older_than(now + seconds(1)));
    EXPECT_FALSE(life.is_older_than(now));
    now += seconds(5);
    establish();
    EXPECT_FALSE(life.is_older_than(now)) << "what was established meanwhile is none of the past";
    EXPECT_TRUE(life.is_older_than(now + seconds(1)));
}

TEST_F(SaLifeTest, WhatItRenewsMayBeSaidLater) {
    life.renews(std::nullopt);
    EXPECT_FALSE(life.is_renewal_of(7));
    life.renews(9);
    EXPECT_TRUE(life.is_renewal_of(9));
}

}  // namespace
}  // namespace causeway::ike
