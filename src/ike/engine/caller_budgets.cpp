#include "ike/engine/caller_budgets.hpp"

#include <algorithm>

#include "ike/limits.hpp"

namespace causeway::ike {

using config::ExchangeMode;

namespace {

template <class Both>
auto& of(Both& both, const Caller& caller) {
    return both.at(static_cast<std::size_t>(caller.standing));
}

bool is_known(const Caller& caller) {
    return caller.standing == Caller::Standing::known;
}

}  // namespace

bool CallerBudgets::may_compute(ExchangeMode mode, const Caller& caller, Instant now) const {
    const auto source = caller.source();
    if (mode == ExchangeMode::aggressive) {
        // Anybody can write its message 1 with anybody's address, so that all who are known share a budget, too.
        const auto& spent = of(aggressive_, caller);
        return spent.each.left(now, limits::aggressive_computations, source) != 0 &&
               spent.all.left(now, limits::aggressive_computations_of_all) != 0;
    }
    const auto& spent = of(main_, caller);
    return spent.each.left(now, limits::main_computations, source) != 0 &&
           (is_known(caller) || spent.all.left(now, limits::main_computations_of_strangers) != 0);
}

void CallerBudgets::compute(ExchangeMode mode, const Caller& caller, Instant now) {
    const bool aggressive = mode == ExchangeMode::aggressive;
    auto& spent = of(aggressive ? aggressive_ : main_, caller);
    spent.each.take(now, aggressive ? limits::aggressive_computations : limits::main_computations,
                    caller.source());
    spent.all.take(
        now, aggressive ? limits::aggressive_computations_of_all : limits::main_computations_of_strangers);
}

std::size_t CallerBudgets::trials_left(const Caller& caller, Instant now) const {
    const auto& spent = of(trials_, caller);
    const std::size_t own = spent.each.left(now, limits::key_trials, caller.source());
    return is_known(caller) ? own : std::min(own, spent.all.left(now, limits::key_trials_of_strangers));
}

void CallerBudgets::try_keys(std::size_t count, const Caller& caller, Instant now) {
    auto& spent = of(trials_, caller);
    spent.each.take(now, limits::key_trials, caller.source(), count);
    spent.all.take(now, limits::key_trials_of_strangers, count);
}

}  // namespace causeway::ike
