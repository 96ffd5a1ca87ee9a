// What is kept of connections, and how much of it.
#include "history/recorder.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace causeway::history {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Repetition = Recorder::Repetition;

/// The beginning of a step.
constexpr std::int64_t noon = 1'700'000'100;
static_assert(noon % step_seconds == 0);

Recorder recorder(const std::vector<std::string>& names = {"lan"}) {
    Recorder made;
    made.adopt(names);
    return made;
}

/// A row of one connection, a letter for each step.
std::string row(const Recorder& recorder, Row which, std::size_t steps, std::int64_t now,
                std::string_view peer = "lan") {
    const auto told = recorder.told(peer, steps, now);
    std::string letters;
    for (const Step& step : told.value().steps) {
        letters += letter(step.marks[static_cast<std::size_t>(which)]);
    }
    return letters;
}

std::vector<std::string> whys(const Recorder& recorder, std::int64_t now) {
    std::vector<std::string> words;
    const auto told = recorder.told("lan", max_steps, now);
    for (const Why& why : told.value().whys) {
        words.push_back(fmt::format("{}x{}", why.times, why.message));
    }
    return words;
}

TEST(Letters, AreReadAsTheyAreWritten) {
    for (const auto state : {State::unknown, State::up, State::down, State::part}) {
        for (const bool tick : {false, true}) {
            EXPECT_EQ(mark_of(letter({state, tick})), (Mark{state, tick}));
        }
    }
    EXPECT_EQ(letter({State::up, false}), 'u');
    EXPECT_EQ(letter({State::part, true}), 'P');
    EXPECT_FALSE(mark_of('x'));
}

TEST(Recorder, KeepsEachRowByItself) {
    auto kept = recorder();
    kept.saw("lan", Row::address, true, noon);
    kept.saw("lan", Row::phase1, false, noon + 299);
    kept.saw("lan", Row::phase2, true, noon);
    kept.saw("lan", Row::phase2, false, noon + 60);
    kept.saw("nobody", Row::answers, true, noon);
    EXPECT_EQ(row(kept, Row::address, 2, noon), "nu");
    EXPECT_EQ(row(kept, Row::phase1, 2, noon), "nd");
    EXPECT_EQ(row(kept, Row::phase2, 2, noon), "np");
    EXPECT_EQ(row(kept, Row::answers, 2, noon), "nn");
    EXPECT_FALSE(kept.told("nobody", 2, noon));
}

TEST(Recorder, TimeThatNobodyWatchedIsUnknown) {
    auto kept = recorder();
    kept.saw("lan", Row::phase1, true, noon);
    kept.tick("lan", Row::phase1, noon + 3 * step_seconds);
    kept.saw("lan", Row::phase1, true, noon + 3 * step_seconds);
    EXPECT_EQ(row(kept, Row::phase1, 6, noon + 4 * step_seconds), "nunnUn");
    const History head = kept.head(6, noon + 4 * step_seconds + 17);
    EXPECT_EQ(head.now, noon + 4 * step_seconds + 17);
    EXPECT_EQ(head.first, noon - step_seconds);
    EXPECT_EQ(head.kept_hours, max_hours);
}

TEST(Recorder, WhatIsOlderThanAWeekIsGone) {
    auto kept = recorder();
    kept.saw("lan", Row::phase1, true, noon);
    const auto week = static_cast<std::int64_t>(max_steps) * step_seconds;
    EXPECT_EQ(row(kept, Row::phase1, max_steps, noon + week - 1).substr(0, 2), "un");
    kept.saw("lan", Row::phase1, false, noon + week);
    const std::string rows = row(kept, Row::phase1, 2 * max_steps, noon + week);
    EXPECT_EQ(rows, std::string(max_steps - 1, 'n') + "d");
}

TEST(Recorder, ARoundTripIsTheMedianOfItsStep) {
    auto kept = recorder();
    const auto last = [&](std::int64_t now) {
        return kept.told("lan", 1, now).value().steps.at(0).round_trip_us;
    };
    EXPECT_FALSE(last(noon));
    for (const int ms : {1, 500, 9}) {
        kept.round_trip("lan", milliseconds(ms), noon);
    }
    EXPECT_EQ(last(noon), 9000U);
    kept.round_trip("lan", microseconds(17), noon + step_seconds);
    EXPECT_EQ(last(noon + step_seconds), 100U);  // the smallest there is, but not none
    kept.round_trip("lan", std::chrono::hours(1), noon + 2 * step_seconds);
    EXPECT_EQ(last(noon + 2 * step_seconds), 6'553'500U);
    // The last ones of many.
    for (int i = 0; i < 1000; ++i) {
        kept.round_trip("lan", milliseconds(i < 980 ? 1 : 40), noon + 3 * step_seconds);
    }
    EXPECT_EQ(last(noon + 3 * step_seconds), 40'000U);
}

TEST(Recorder, ASentenceSaidAgainIsCounted) {
    auto kept = recorder();
    kept.why("lan", "no_answer", "no reply; again in 4 s", Repetition::same_cause, noon);
    kept.why("lan", "no_answer", "no reply; again in 8 s", Repetition::same_cause, noon + 4);
    kept.why("lan", "closed", "tunnel down", Repetition::same_words, noon + 5);
    kept.why("lan", "closed", "tunnel down again", Repetition::same_words, noon + 6);
    EXPECT_EQ(whys(kept, noon + 6),
              (std::vector<std::string>{"2xno reply; again in 8 s", "1xtunnel down", "1xtunnel down again"}));
    kept.why("lan", "closed", "tunnel down", Repetition::same_words, noon + 7);
    EXPECT_EQ(whys(kept, noon + 7).back(), "2xtunnel down");
    const auto told = kept.told("lan", 12, noon + 7).value().whys.back();
    EXPECT_EQ(told.since, noon + 5);
    EXPECT_EQ(told.last, noon + 7);
    // Only of the time that is asked for.
    EXPECT_TRUE(kept.told("lan", 1, noon + 2 * step_seconds).value().whys.empty());
}

TEST(Recorder, ASentenceIsPlainAndShort) {
    auto kept = recorder();
    kept.why("lan", "", "a\nb\x1b[31m\xc3\xb6", Repetition::same_words, noon);
    kept.why("lan", "", std::string(1000, 'x'), Repetition::same_words, noon);
    const auto told = kept.told("lan", 1, noon).value().whys;
    EXPECT_EQ(told.at(0).message, "a?b?[31m??");
    EXPECT_EQ(told.at(1).message, std::string(max_why_octets - 3, 'x') + "...");
}

TEST(Recorder, StartsAreKeptAndBounded) {
    auto kept = recorder();
    for (int i = 0; i < 40; ++i) {
        kept.started(noon + i);
    }
    kept.started(noon + step_seconds);
    EXPECT_EQ(kept.head(1, noon + step_seconds).starts, std::vector<std::int64_t>{noon + step_seconds});
    EXPECT_EQ(kept.head(12, noon + step_seconds).starts.size(), max_starts);
    EXPECT_EQ(kept.head(12, noon + step_seconds).starts.front(), noon + 9);
}

TEST(Clock, ThatGoesBackDropsWhatHasNotComeYet) {
    auto kept = recorder();
    for (int step = 0; step < 6; ++step) {
        kept.saw("lan", Row::phase1, true, noon + step * step_seconds);
        kept.why("lan", "", fmt::format("step {}", step), Repetition::same_words, noon + step * step_seconds);
    }
    kept.saw("lan", Row::phase1, false, noon + 2 * step_seconds);
    EXPECT_EQ(row(kept, Row::phase1, 4, noon + 2 * step_seconds), "nuup");
    EXPECT_EQ(row(kept, Row::phase1, 7, noon + 5 * step_seconds), "nuupnnn");
    EXPECT_EQ(whys(kept, noon + 9 * step_seconds),
              (std::vector<std::string>{"1xstep 0", "1xstep 1", "1xstep 2"}));
    // By more than is kept.
    kept.saw("lan", Row::phase1, true, 86400);
    EXPECT_EQ(row(kept, Row::phase1, max_steps, 86400), std::string(max_steps - 1, 'n') + "u");
}

TEST(Clock, ThatJumpsForwardLeavesAGap) {
    auto kept = recorder();
    kept.saw("lan", Row::phase1, true, noon);
    kept.saw("lan", Row::phase1, true, noon + 3600);
    EXPECT_EQ(row(kept, Row::phase1, 14, noon + 3600), "nu" + std::string(11, 'n') + "u");
    kept.saw("lan", Row::phase1, true, noon + 20 * 365 * std::int64_t{86400});
    EXPECT_EQ(row(kept, Row::phase1, max_steps, noon + 20 * 365 * std::int64_t{86400}),
              std::string(max_steps - 1, 'n') + "u");
}

TEST(Clock, ThatWasSetTakesTheHistoryAlong) {
    for (const std::int64_t jump : {std::int64_t{-86400}, std::int64_t{86400 * 400}, std::int64_t{700}}) {
        auto kept = recorder();
        kept.started(noon);
        kept.saw("lan", Row::phase1, false, noon);
        kept.why("lan", "", "down", Repetition::same_words, noon);
        kept.saw("lan", Row::phase1, true, noon + step_seconds);
        kept.clock_set(jump);
        const std::int64_t now = noon + step_seconds + jump;
        kept.saw("lan", Row::phase1, true, now);
        const std::string seen = row(kept, Row::phase1, 3, now);
        EXPECT_EQ(seen, "ndu") << jump;
        EXPECT_EQ(kept.told("lan", 3, now).value().whys.at(0).last, noon + jump);
        EXPECT_EQ(kept.head(12, now).starts.at(0), noon + jump);
    }
}

TEST(Clock, OutsideOfWhatCanBeWrittenIsHeldInside) {
    auto kept = recorder();
    kept.saw("lan", Row::phase1, true, std::numeric_limits<std::int64_t>::min());
    kept.started(std::numeric_limits<std::int64_t>::max());
    kept.saw("lan", Row::phase1, true, std::numeric_limits<std::int64_t>::max());
    kept.clock_set(std::int64_t{1} << 40U);
    kept.clock_set(-(std::int64_t{1} << 41U));
    kept.saw("lan", Row::phase1, true, noon);
    EXPECT_EQ(row(kept, Row::phase1, 1, noon), "u");
}

/// As much as can be told of every peer, in as long words as there are.
void fill(Recorder& recorder, const std::vector<std::string>& names) {
    for (std::size_t step = 0; step < recorder.capacity() + 5; ++step) {
        const std::int64_t now = noon + static_cast<std::int64_t>(step) * step_seconds;
        for (const auto& name : names) {
            recorder.saw(name, Row::phase1, true, now);
        }
    }
    const std::int64_t end = noon + static_cast<std::int64_t>(recorder.capacity() + 5) * step_seconds;
    for (std::size_t i = 0; i < 2 * max_whys; ++i) {
        recorder.started(end);
        for (const auto& name : names) {
            recorder.why(name, "", fmt::format("{:x<300}", i), Repetition::same_words, end);
        }
    }
}

std::vector<std::string> many(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) {
        names.push_back(fmt::format("peer{:05}", i));
    }
    return names;
}

/// Nothing is kept of steps in which nothing was told, at first; what was told stands at its time all the same.
TEST(Recorder, WhatIsSeldomToldStandsAtItsTime) {
    const auto names = many(9000);
    Recorder kept = recorder(names);
    const std::size_t capacity = kept.capacity();
    ASSERT_GE(capacity, 20U);
    const auto expected = [](std::size_t last, std::size_t steps) {
        std::string letters;
        for (std::size_t step = last + 1 - steps; step <= last; ++step) {
            letters += step % 7 == 0 ? 'u' : 'n';
        }
        return letters;
    };
    const auto check = [&](const Recorder& of, std::size_t step) {
        const std::size_t steps = std::min(step + 1, capacity);
        const std::int64_t now = noon + static_cast<std::int64_t>(step) * step_seconds;
        ASSERT_EQ(row(of, Row::phase1, steps, now, names[0]), expected(step, steps)) << step;
        ASSERT_EQ(row(of, Row::phase1, steps, now, names[1]), std::string(steps, 'u')) << step;
        ASSERT_EQ(row(of, Row::phase1, steps, now, names[2]), std::string(steps, 'n')) << step;
    };
    const auto tell = [&](std::size_t step) {
        const std::int64_t now = noon + static_cast<std::int64_t>(step) * step_seconds;
        if (step % 7 == 0) {
            kept.saw(names[0], Row::phase1, true, now);
        }
        kept.saw(names[1], Row::phase1, true, now);
    };
    const std::size_t end = 3 * capacity + 5;
    for (std::size_t step = 0; step < end; ++step) {
        tell(step);
        check(kept, step);
        if (step % 11 == 0) {
            Recorder read = recorder(names);
            ASSERT_TRUE(read.restore(kept.encode(), noon + static_cast<std::int64_t>(step) * step_seconds));
            check(read, step);
            kept = std::move(read);
        }
    }
    kept.adopt({names[0], names[1], names[2]});
    ASSERT_GT(kept.capacity(), capacity);
    check(kept, end - 1);
    for (std::size_t step = end; step < end + 2 * capacity; ++step) {
        tell(step);
        check(kept, step);
    }
}

/// The step of the reading is one of them, whether anything was told in it or only a sentence.
TEST(Recorder, NoStepIsLostThatFollowsAFileOfSentences) {
    Recorder written = recorder(many(9000));
    written.why("peer00000", "", "one", Repetition::same_words, noon);
    Recorder kept = recorder(many(9000));
    ASSERT_TRUE(kept.restore(written.encode(), noon));
    kept.saw("peer00000", Row::phase1, true, noon);
    kept.saw("peer00000", Row::phase1, true, noon + step_seconds);
    kept.adopt({"peer00000"});
    EXPECT_EQ(row(kept, Row::phase1, 2, noon + step_seconds, "peer00000"), "uu");
}

TEST(Bounds, APeerHasSixteenKilobytes) {
    const auto names = many(1);
    auto kept = recorder(names);
    fill(kept, names);
    const std::size_t octets = kept.encode().size();
    EXPECT_EQ(kept.capacity(), max_steps);
    EXPECT_LE(octets, 16'000U);
    EXPECT_GT(octets, 15'500U);  // and uses them
    EXPECT_GE(kept.told(names[0], 1, noon + 2020 * step_seconds).value().whys.size(), 30U);
}

TEST(Bounds, TwoThousandPeersHaveFourMegabytes) {
    const auto names = many(2000);
    auto kept = recorder(names);
    fill(kept, names);
    const std::size_t octets = kept.encode().size();
    EXPECT_LE(octets, 4'000'000U);
    EXPECT_GT(octets, 3'400'000U);
    EXPECT_GE(kept.capacity(), 24U * steps_of_an_hour);
    EXPECT_GE(kept.told(names[1999], 1, noon + static_cast<std::int64_t>(kept.capacity() + 5) * step_seconds)
                  .value()
                  .whys.size(),
              1U);
}

TEST(Bounds, NamesCountAsWell) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < max_peers + 7; ++i) {
        names.push_back(fmt::format("{:0>256}", i));
    }
    names.emplace_back(max_name_octets + 1, 'n');
    auto kept = recorder(names);
    EXPECT_GE(kept.capacity(), 1U);
    fill(kept, {names[0], names[max_peers - 1], names[max_peers], names.back()});
    EXPECT_LE(kept.encode().size(), 4'000'000U);
    EXPECT_TRUE(kept.told(names[max_peers - 1], 1, noon));
    EXPECT_FALSE(kept.told(names[max_peers], 1, noon));
    EXPECT_FALSE(kept.told(names.back(), 1, noon));
}

TEST(Adopt, KeepsTheNewestOfThoseWhoStay) {
    auto kept = recorder({"lan", "other"});
    for (std::size_t step = 0; step < max_steps; ++step) {
        kept.saw("lan", Row::phase1, step % 2 == 0, noon + static_cast<std::int64_t>(step) * step_seconds);
    }
    kept.saw("other", Row::phase1, true, noon + static_cast<std::int64_t>(max_steps - 1) * step_seconds);
    const std::int64_t now = noon + static_cast<std::int64_t>(max_steps - 1) * step_seconds;
    auto names = many(2000);
    names.emplace_back("lan");
    kept.adopt(names);
    ASSERT_LT(kept.capacity(), max_steps);
    EXPECT_EQ(row(kept, Row::phase1, 4, now), "udud");
    EXPECT_EQ(row(kept, Row::phase1, max_steps, now).size(), kept.capacity());
    EXPECT_FALSE(kept.told("other", 1, now));
    kept.adopt({"lan", "other"});
    EXPECT_EQ(kept.capacity(), max_steps);
    EXPECT_EQ(row(kept, Row::phase1, 4, now), "udud");
    EXPECT_EQ(row(kept, Row::phase1, 1, now, "other"), "n");
    EXPECT_EQ(row(kept, Row::phase1, max_steps, now).front(), 'n');
}

}  // namespace
}  // namespace causeway::history
