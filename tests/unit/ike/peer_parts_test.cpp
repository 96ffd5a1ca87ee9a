// Small parts of a peer: calls of its own, why Phase 1 is begun beside what stands, what went wrong with it.
#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "base/findings.hpp"
#include "ike/engine/beside.hpp"
#include "ike/engine/incoming_calls.hpp"
#include "ike/engine/trouble.hpp"

namespace causeway::ike {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Shown = IncomingCalls::Shown;

constexpr Instant now{seconds(1000)};

std::vector<Instant> deadlines(const IncomingCalls& calls, Instant at) {
    std::vector<Instant> all;
    calls.each_deadline(at, [&](Instant one) { all.push_back(one); });
    return all;
}

TEST(IncomingCalls, NobodyIsWaitedForAtFirst) {
    const IncomingCalls calls;
    EXPECT_FALSE(calls.may_come_first(now));
    EXPECT_TRUE(deadlines(calls, now).empty());
}

TEST(IncomingCalls, OneThatHasShownNothingIsWaitedForShortly) {
    IncomingCalls calls;
    calls.begun(now);
    EXPECT_TRUE(calls.comes_first(Shown::nothing, now + limits::let_peer_show - milliseconds(1)));
    EXPECT_FALSE(calls.comes_first(Shown::nothing, now + limits::let_peer_show));
    EXPECT_TRUE(calls.comes_first(Shown::round_trip, now + limits::let_peer_show));
    EXPECT_FALSE(calls.comes_first(Shown::round_trip, now + limits::let_peer_call));
    EXPECT_FALSE(calls.may_come_first(now + limits::let_peer_call));
}

TEST(IncomingCalls, FurtherOnesDoNotProlongIt) {
    IncomingCalls calls;
    calls.begun(now);
    calls.begun(now + seconds(2));
    EXPECT_FALSE(calls.may_come_first(now + limits::let_peer_call));
}

TEST(IncomingCalls, AfterACallOfOursTheyCountAnew) {
    IncomingCalls calls;
    calls.begun(now);
    calls.over();
    EXPECT_FALSE(calls.may_come_first(now));
    calls.begun(now + seconds(2));
    EXPECT_TRUE(calls.may_come_first(now + limits::let_peer_call));
}

TEST(IncomingCalls, TheInstantsAtWhichTheAnswersChangeAreDeadlines) {
    IncomingCalls calls;
    calls.begun(now);
    EXPECT_EQ(deadlines(calls, now), (std::vector{now + limits::let_peer_show, now + limits::let_peer_call}));
    EXPECT_EQ(deadlines(calls, now + limits::let_peer_show), std::vector{now + limits::let_peer_call});
    EXPECT_TRUE(deadlines(calls, now + limits::let_peer_call).empty());
}

TEST(Beside, EachReasonIsNewOnce) {
    Beside beside;
    EXPECT_FALSE(beside.wanted());
    EXPECT_TRUE(beside.suspect());
    EXPECT_FALSE(beside.suspect());
    EXPECT_TRUE(beside.wanted());
    EXPECT_TRUE(beside.trust());
    EXPECT_FALSE(beside.trust());
    EXPECT_FALSE(beside.wanted());
}

TEST(Beside, EitherReasonIsEnough) {
    Beside beside;
    beside.move();
    EXPECT_TRUE(beside.wanted());
    EXPECT_FALSE(beside.suspected());
    EXPECT_FALSE(beside.trust());
    EXPECT_TRUE(beside.wanted()) << "trust says nothing of the address";
    EXPECT_TRUE(beside.stay());
    EXPECT_FALSE(beside.stay());
    EXPECT_FALSE(beside.wanted());
}

TEST(Trouble, TheLastErrorIsKeptWithItsTime) {
    Trouble trouble;
    EXPECT_EQ(trouble.last(), std::nullopt);
    trouble.erred(finding<FindingId::peer_silent>(), now);
    trouble.erred(finding<FindingId::peer_deleted>(), now + seconds(1));
    EXPECT_EQ(trouble.last(), finding<FindingId::peer_deleted>());
    EXPECT_EQ(trouble.at(), now + seconds(1));
    trouble.accepted();
    EXPECT_EQ(trouble.last(), finding<FindingId::peer_deleted>()) << "whatever came after it";
}

TEST(Trouble, SilenceIsExplainedByWhatThePeerSaidBefore) {
    Trouble trouble;
    const auto silence = finding<FindingId::peer_silent>();
    EXPECT_EQ(trouble.explain(silence), silence);
    const auto refusal = finding<FindingId::peer_speaks_ikev2>();
    EXPECT_TRUE(trouble.refused(refusal));
    EXPECT_FALSE(trouble.refused(refusal)) << "it is told once";
    const auto told = trouble.explain(silence);
    EXPECT_EQ(told.id, refusal.id);
    EXPECT_NE(told.sentence().find(silence.sentence()), std::string::npos);
    EXPECT_EQ(trouble.explain(refusal), refusal) << "nothing is added to itself";
    trouble.accepted();
    EXPECT_EQ(trouble.explain(silence), silence) << "it has been refuted since";
    EXPECT_TRUE(trouble.refused(refusal)) << "and is told again";
}

TEST(Trouble, WhatIsSaidOnTheWayCoversNothingThatThePeerHasSaid) {
    using enum Trouble::Unreachable;
    const auto closed = [](const char* reporter) {
        return finding<FindingId::port_closed>(field<"remote">("192.0.2.1"), field<"port">("500"),
                                               field<"reporter">(reporter));
    };
    const auto silence = finding<FindingId::peer_silent>();
    Trouble trouble;
    EXPECT_EQ(trouble.unreachable(closed("192.0.2.1")), news);
    EXPECT_EQ(trouble.unreachable(closed("203.0.113.9")), known) << "anybody can say it";
    EXPECT_EQ(trouble.explain(silence).id, FindingId::port_closed);
    EXPECT_TRUE(trouble.refused(finding<FindingId::peer_speaks_ikev2>()));
    EXPECT_EQ(trouble.unreachable(closed("192.0.2.1")), none);
    EXPECT_EQ(trouble.explain(silence).id, FindingId::peer_speaks_ikev2);
    trouble.accepted();
    EXPECT_EQ(trouble.unreachable(closed("192.0.2.1")), news);
}

TEST(Trouble, OneCauseOfSilenceIsToldOnce) {
    Trouble trouble;
    EXPECT_TRUE(trouble.silent(FindingId::phase1_unanswered));
    EXPECT_FALSE(trouble.silent(FindingId::phase1_unanswered));
    EXPECT_TRUE(trouble.silent(FindingId::answers_500_only)) << "another cause";
    trouble.accepted();
    EXPECT_TRUE(trouble.silent(FindingId::answers_500_only));
}

TEST(Trouble, TheFirstOfManyFailuresIsTold) {
    Trouble trouble;
    EXPECT_TRUE(trouble.attempt_failed());
    EXPECT_FALSE(trouble.attempt_failed());
    trouble.accepted();
    EXPECT_TRUE(trouble.attempt_failed());
}

}  // namespace
}  // namespace causeway::ike
