// The first of the pairs of tests/agreement once more, with the sanitizers.
#include <cstdint>
#include <gtest/gtest.h>

#include "agreement/pairs.hpp"

namespace causeway {
namespace {

TEST(Check, SaysWhatTwoEnginesDo) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto verdict = agreement::play(seed);
        EXPECT_TRUE(verdict.agrees) << verdict.text;
    }
}

}  // namespace
}  // namespace causeway
