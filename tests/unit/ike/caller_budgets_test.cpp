// What is computed for callers that have proved nothing.
#include "ike/engine/caller_budgets.hpp"

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>

#include "ike/limits.hpp"

namespace causeway::ike {
namespace {

using config::ExchangeMode;
using Standing = Caller::Standing;

const Instant now{std::chrono::hours(1)};

/// Number `host` of the prefix number `prefix`.
Caller caller(Standing standing, std::uint32_t prefix = 0, std::uint32_t host = 1) {
    return {IpAddress::v4(0x0a000000U + (prefix << 8U) + host), standing};
}

/// How many computations there are at once for callers of prefixes one after the other, each asking until it gets
/// none.
std::size_t computed(CallerBudgets& budgets, ExchangeMode mode, Standing standing, std::uint32_t prefixes) {
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < prefixes; ++i) {
        while (budgets.may_compute(mode, caller(standing, i), now)) {
            budgets.compute(mode, caller(standing, i), now);
            ++count;
        }
    }
    return count;
}

TEST(CallerBudgets, ASourceHasItsComputationsAndGetsThemBackWithTime) {
    CallerBudgets budgets;
    EXPECT_EQ(computed(budgets, ExchangeMode::main, Standing::stranger, 1), limits::main_computations.burst);
    EXPECT_FALSE(budgets.may_compute(ExchangeMode::main, caller(Standing::stranger),
                                     now + limits::main_computations.each - Duration{1}));
    EXPECT_TRUE(budgets.may_compute(ExchangeMode::main, caller(Standing::stranger),
                                    now + limits::main_computations.each));
}

TEST(CallerBudgets, AggressiveModeHasComputationsOfItsOwn) {
    CallerBudgets budgets;
    EXPECT_EQ(computed(budgets, ExchangeMode::aggressive, Standing::stranger, 1),
              limits::aggressive_computations.burst);
    EXPECT_EQ(computed(budgets, ExchangeMode::main, Standing::stranger, 1), limits::main_computations.burst);
}

TEST(CallerBudgets, StrangersOfOnePrefixShareAndKnownAddressesDoNot) {
    CallerBudgets budgets;
    computed(budgets, ExchangeMode::main, Standing::stranger, 1);
    computed(budgets, ExchangeMode::main, Standing::known, 1);
    EXPECT_FALSE(budgets.may_compute(ExchangeMode::main, caller(Standing::stranger, 0, 2), now));
    EXPECT_TRUE(budgets.may_compute(ExchangeMode::main, caller(Standing::stranger, 1), now));
    EXPECT_TRUE(budgets.may_compute(ExchangeMode::main, caller(Standing::known, 0, 2), now));
}

TEST(CallerBudgets, AllStrangersTogetherHaveSoMany) {
    CallerBudgets budgets;
    EXPECT_EQ(computed(budgets, ExchangeMode::main, Standing::stranger, 100),
              limits::main_computations_of_strangers.burst);
    EXPECT_EQ(computed(budgets, ExchangeMode::aggressive, Standing::stranger, 100),
              limits::aggressive_computations_of_all.burst);
}

TEST(CallerBudgets, StrangersTakeNothingFromTheKnown) {
    CallerBudgets budgets;
    computed(budgets, ExchangeMode::main, Standing::stranger, 100);
    computed(budgets, ExchangeMode::aggressive, Standing::stranger, 100);
    EXPECT_EQ(computed(budgets, ExchangeMode::main, Standing::known, 10),
              10 * limits::main_computations.burst)
        << "each address at which a peer is known has its own, whatever the others use";
    EXPECT_EQ(computed(budgets, ExchangeMode::aggressive, Standing::known, 100),
              limits::aggressive_computations_of_all.burst)
        << "anybody can write message 1 with a known address";
}

TEST(CallerBudgets, KeysAreTriedForASourceAndForAllStrangers) {
    CallerBudgets budgets;
    EXPECT_EQ(budgets.trials_left(caller(Standing::stranger), now), limits::key_trials.burst);
    budgets.try_keys(1000, caller(Standing::stranger), now);
    EXPECT_EQ(budgets.trials_left(caller(Standing::stranger, 0, 2), now), limits::key_trials.burst - 1000);
    EXPECT_EQ(budgets.trials_left(caller(Standing::stranger, 1), now), limits::key_trials.burst);
    budgets.try_keys(1000, caller(Standing::stranger, 1), now);
    EXPECT_EQ(budgets.trials_left(caller(Standing::stranger, 2), now),
              limits::key_trials_of_strangers.burst - 2000);
    EXPECT_EQ(budgets.trials_left(caller(Standing::known), now), limits::key_trials.burst);
}

TEST(CallerBudgets, KeysForTheKnownAreCountedByAddressOnly) {
    CallerBudgets budgets;
    for (std::uint32_t i = 0; i < 3; ++i) {
        budgets.try_keys(1000, caller(Standing::known, 0, i), now);
    }
    EXPECT_EQ(budgets.trials_left(caller(Standing::known, 0, 1), now), limits::key_trials.burst - 1000);
    EXPECT_EQ(budgets.trials_left(caller(Standing::known, 0, 9), now), limits::key_trials.burst);
    EXPECT_EQ(budgets.trials_left(caller(Standing::stranger), now), limits::key_trials.burst);
}

}  // namespace
}  // namespace causeway::ike
