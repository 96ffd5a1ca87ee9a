// What a way carries, from a peer that answers what gets through.
#include "ike/v1/path_probe.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "ike/limits.hpp"

namespace causeway::ike::v1 {
namespace {

using path_probe::Ask;
using path_probe::Carries;
using path_probe::GivenUp;
using path_probe::Next;
using path_probe::TakesNoPadding;
using path_probe::Wait;
using std::chrono::milliseconds;
using std::chrono::seconds;

Place at(std::uint16_t port) {
    return {{*IpAddress::parse("192.0.2.1"), 4500}, {*IpAddress::parse("198.51.100.7"), port}};
}

class PathProbeTest : public ::testing::Test {
 protected:
    static constexpr std::size_t unpadded = 124;

    /// When it is due; a question leaves in whole blocks of 16.
    Next next() {
        now = probe.next_timeout();
        return leave(probe.handle_timeout(here, now));
    }
    Next answer(Duration after = milliseconds(20)) {
        now += after;
        return leave(probe.answered(here, now));
    }
    Next leave(Next next) {
        if (const auto* ask = std::get_if<Ask>(&next)) {
            probe.sent(ask->octets.value_or(unpadded) / 4 * 4);
        }
        return next;
    }
    /// The sizes that are tried and not answered, and how long each is waited for.
    std::vector<std::pair<std::size_t, Duration>> unanswered_from(Next next) {
        std::vector<std::pair<std::size_t, Duration>> all;
        while (std::holds_alternative<Ask>(next) && std::get<Ask>(next).octets) {
            all.emplace_back(*std::get<Ask>(next).octets, probe.next_timeout() - now);
            next = this->next();
        }
        last = next;
        return all;
    }

    Instant now{seconds(1000)};
    PathProbe::Circumstances here{.place = at(4500), .serves = true, .busy = false};
    PathProbe probe{sa::SaId{1}, 1500, at(4500), now};
    Next last = Wait{};
};

TEST_F(PathProbeTest, AsksWithoutPaddingFirst) {
    EXPECT_EQ(probe.next_timeout(), now);
    EXPECT_EQ(next(), Next(Ask{}));
    EXPECT_EQ(probe.next_timeout(), now + limits::path_alive_wait);
    EXPECT_EQ(answer(), Next(Ask{1500}));
}

TEST_F(PathProbeTest, IsGivenUpWhenNothingAnswersAtAll) {
    for (unsigned i = 0; i < limits::path_alive_tries; ++i) {
        EXPECT_EQ(next(), Next(Ask{}));
    }
    EXPECT_EQ(next(), Next(GivenUp{}));
}

TEST_F(PathProbeTest, TheWholeSizeIsFoundAtOnce) {
    (void)next();
    (void)answer();
    EXPECT_EQ(answer(), Next(Carries{1500, true}));
}

TEST_F(PathProbeTest, BlocksThatDoNotMeetTheSizeAreTheWholeOneToo) {
    (void)next();
    (void)answer();
    probe.sent(1493);
    EXPECT_EQ(answer(), Next(Carries{1500, true}));
}

TEST_F(PathProbeTest, OneThatIsShortByABlockIsNot) {
    (void)next();
    (void)answer();
    probe.sent(1492);
    EXPECT_EQ(answer(), Next(Carries{1492, false}));
}

TEST_F(PathProbeTest, SizesAreTriedDownTheFirstAndTheLastTwice) {
    (void)next();
    const auto tried = unanswered_from(answer());
    std::vector<std::size_t> sizes;
    for (const auto& [size, wait] : tried) {
        sizes.push_back(size);
    }
    EXPECT_EQ(sizes,
              (std::vector<std::size_t>{1500, 1500, 1492, 1480, 1460, 1440, 1400, 1360, 1320, 1280, 1280}));
    for (std::size_t i = 0; i < tried.size(); ++i) {
        EXPECT_EQ(tried[i].second, i == 1 ? limits::path_second_wait : limits::path_wait) << i;
    }
}

TEST_F(PathProbeTest, SizesAtOrAboveTheDevicesAreNotTried) {
    probe = PathProbe(sa::SaId{1}, 1440, at(4500), now);
    (void)next();
    const auto tried = unanswered_from(answer());
    ASSERT_GT(tried.size(), 3U);
    EXPECT_EQ(tried[1].first, 1440U);
    EXPECT_EQ(tried[2].first, 1400U);
}

TEST_F(PathProbeTest, OnALongWayEachSizeHasThreeRoundTrips) {
    (void)next();
    for (const auto& [size, wait] : unanswered_from(answer(milliseconds(250)))) {
        EXPECT_EQ(wait, milliseconds(750)) << size;
    }
}

TEST_F(PathProbeTest, ARoundTripIsNeverLongerThanWhatIsWaitedFor) {
    (void)next();
    (void)next();  // the second question: the answer may be the first one's
    (void)answer(milliseconds(999));
    EXPECT_EQ(probe.next_timeout() - now, 3 * limits::path_alive_wait);
}

TEST_F(PathProbeTest, WhatIsAnsweredLastIsWhatTheWayCarries) {
    (void)next();
    (void)answer();
    (void)next();
    EXPECT_EQ(next(), Next(Ask{1492}));
    EXPECT_EQ(answer(), Next(Carries{1492, false}));
}

TEST_F(PathProbeTest, APeerThatIsThereAndAnswersNoSizeTakesNoPadding) {
    (void)next();
    unanswered_from(answer());
    EXPECT_EQ(last, Next(Ask{}));
    EXPECT_EQ(answer(), Next(TakesNoPadding{}));
}

TEST_F(PathProbeTest, APeerThatHasGoneMeanwhileSaysNothing) {
    (void)next();
    unanswered_from(answer());
    for (unsigned i = 1; i < limits::path_alive_tries; ++i) {
        EXPECT_EQ(next(), Next(Ask{}));
    }
    EXPECT_EQ(next(), Next(GivenUp{}));
}

TEST_F(PathProbeTest, WaitsWhileOthersHaveTheirTurn) {
    (void)next();
    here.busy = true;
    EXPECT_EQ(next(), Next(Wait{}));
    EXPECT_EQ(probe.next_timeout(), now + limits::retransmit_first);
    here.busy = false;
    EXPECT_EQ(answer(), Next(Wait{}));  // to the other question
    EXPECT_EQ(next(), Next(Ask{}));
}

TEST_F(PathProbeTest, AnAnswerToAnotherQuestionSaysNothing) {
    (void)next();
    (void)answer();
    probe.overtaken();
    EXPECT_EQ(answer(), Next(Wait{}));
    EXPECT_EQ(next(), Next(Ask{1500}));
    EXPECT_EQ(answer(), Next(Carries{1500, true}));
}

TEST_F(PathProbeTest, AnAnswerCountsOnce) {
    (void)next();
    EXPECT_EQ(probe.answered(here, now), Next(Ask{1500}));
    EXPECT_EQ(probe.answered(here, now), Next(Wait{}));  // the next question has not left
}

TEST_F(PathProbeTest, ASmallerSizeIsNotTheWholeOneHoweverClose) {
    probe = PathProbe(sa::SaId{1}, 1496, at(4500), now);
    (void)next();
    (void)answer();
    (void)next();
    EXPECT_EQ(next(), Next(Ask{1492}));
    EXPECT_EQ(answer(), Next(Carries{1492, false}));
}

TEST_F(PathProbeTest, SizesWaitTheirTurnToo) {
    (void)next();
    here.busy = true;
    EXPECT_EQ(answer(), Next(Wait{}));  // alive
    here.busy = false;
    EXPECT_EQ(next(), Next(Ask{1500}));
}

TEST_F(PathProbeTest, EndsWhereThePeerMoves) {
    (void)next();
    here.place = at(4501);
    EXPECT_EQ(answer(), Next(GivenUp{}));
}

TEST_F(PathProbeTest, EndsUnderASessionThatServesNoMore) {
    here.serves = false;
    EXPECT_EQ(next(), Next(GivenUp{}));
}

TEST_F(PathProbeTest, EndsAfterItsTime) {
    here.busy = true;
    const Instant until = now + limits::path_time;
    while (probe.next_timeout() < until) {
        EXPECT_EQ(next(), Next(Wait{}));
    }
    EXPECT_EQ(next(), Next(GivenUp{}));
}

TEST_F(PathProbeTest, OthersJoin) {
    probe.join(sa::SaId{2});
    EXPECT_EQ(probe.waiting(), (std::vector<sa::SaId>{sa::SaId{1}, sa::SaId{2}}));
}

TEST(PathProbe, IsVainWhereNoSmallerSizeIsTried) {
    EXPECT_TRUE(PathProbe::is_vain(1280));
    EXPECT_FALSE(PathProbe::is_vain(1281));
}

}  // namespace
}  // namespace causeway::ike::v1
