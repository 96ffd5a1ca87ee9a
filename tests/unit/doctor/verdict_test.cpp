// Which cross is the most likely cause, and in which order steps stand.

#include <algorithm>
#include <cstddef>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "unit/doctor/healthy.hpp"

namespace causeway::doctor {
namespace {

Step cross(Layer layer, Stops stops, Certainty certainty = Certainty::proved) {
    Step step;
    step.layer = layer;
    step.state = State::wrong;
    step.stops = stops;
    step.certainty = certainty;
    return step;
}

TEST(DoctorVerdictTest, NoCrossNoVerdict) {
    EXPECT_EQ(verdict_of({}), std::nullopt);
    Step unknown = cross(Layer::names, Stops::phase1);
    unknown.state = State::unknown;
    EXPECT_EQ(verdict_of({unknown}), std::nullopt);
}

TEST(DoctorVerdictTest, WhatStopsAConnectionEarliestExplainsTheRest) {
    // Forwarding lies nearer to the ground, but does not keep Phase 1 from coming up.
    EXPECT_EQ(verdict_of({cross(Layer::firewall, Stops::packets),
                          cross(Layer::phase1, Stops::phase1, Certainty::one_of)}),
              1U);
    EXPECT_EQ(verdict_of({cross(Layer::daemon, Stops::daemon), cross(Layer::device, Stops::start)}), 1U);
    EXPECT_EQ(verdict_of({cross(Layer::names, Stops::nothing), cross(Layer::counters, Stops::packets)}), 1U);
    EXPECT_EQ(verdict_of({cross(Layer::phase2, Stops::phase2), cross(Layer::counters, Stops::packets)}), 0U);
}

TEST(DoctorVerdictTest, WhatIsProvedComesBeforeWhatIsLikelyAndThatBeforeOneOfSeveral) {
    EXPECT_EQ(verdict_of({cross(Layer::names, Stops::phase1, Certainty::likely),
                          cross(Layer::phase1, Stops::phase1)}),
              1U);
    EXPECT_EQ(verdict_of({cross(Layer::names, Stops::phase1, Certainty::one_of),
                          cross(Layer::phase1, Stops::phase1, Certainty::likely)}),
              1U);
}

TEST(DoctorVerdictTest, OfEqualsTheOneNearestToTheGroundCountsAndThenTheFirst) {
    EXPECT_EQ(verdict_of({cross(Layer::phase1, Stops::phase1), cross(Layer::names, Stops::phase1)}), 1U);
    EXPECT_EQ(verdict_of({cross(Layer::names, Stops::phase1), cross(Layer::names, Stops::phase1)}), 0U);
}

TEST(DoctorVerdictTest, OfOnePeerTheLayersFollowEachOther) {
    auto seen = healthy();
    seen.status.engine.strangers.push_back({"192.0.2.7", {}});
    const auto steps = judge(seen).steps;
    EXPECT_TRUE(std::ranges::is_sorted(steps, {}, &Step::layer));
    for (std::size_t layer = 0; layer < layer_words.size(); ++layer) {
        EXPECT_NE(std::ranges::find(steps, static_cast<Layer>(layer), &Step::layer), steps.end())
            << layer_words[layer];
    }
}

TEST(DoctorVerdictTest, OfSeveralPeersTheMachineComesFirstAndThenEachPeer) {
    auto seen = healthy();
    auto second = peer_of(seen);
    second.display_name = "branch";
    second.tunnels.front().display_name = "branch";
    seen.status.engine.peers.push_back(second);
    std::vector<std::string> subjects;
    for (const Step& step : judge(seen).steps) {
        if (subjects.empty() || subjects.back() != step.subject) {
            subjects.push_back(step.subject);
        }
    }
    EXPECT_EQ(subjects, (std::vector<std::string>{"", "ipsec-lan", "branch"}));
}

TEST(DoctorVerdictTest, WhatAPeerSaidIsPrintable) {
    auto seen =
        down(finding<FindingId::identity_differs>(field<"received">("a\x1b[31m\n"), field<"expected">("b")));
    for (const Step& step : judge(seen).steps) {
        EXPECT_EQ(step.sentence.find_first_of("\x1b\n"), std::string::npos) << step.sentence;
    }
    EXPECT_EQ(judge(seen).cause()->code, "id-differs");
}

}  // namespace
}  // namespace causeway::doctor
