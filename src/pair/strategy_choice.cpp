#include "pair/strategy_choice.hpp"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "config/vpncfg/strategies.hpp"
#include "pair/words.hpp"

namespace causeway::pair {
namespace {

namespace vpncfg = config::vpncfg;
using config::Phase1Proposal;
using config::Phase2Proposal;

bool same(const Phase1Proposal& a, const Phase1Proposal& b) {
    return a.cipher == b.cipher && a.hash == b.hash && a.group == b.group;
}
bool same(const Phase2Proposal& a, const Phase2Proposal& b) {
    return a.cipher == b.cipher && a.integrity == b.integrity && a.pfs == b.pfs;
}

template <class Proposal>
const Proposal* find(const std::vector<Proposal>& all, const Proposal& wanted) {
    const auto found = std::ranges::find_if(all, [&](const Proposal& one) { return same(one, wanted); });
    return found != all.end() ? &*found : nullptr;
}

/// How much of AH there is: the less, the better, as causeway and strongSwan's IKEv1 have none.
int ah_of(const vpncfg::Phase1Strategy& /*strategy*/) {
    return 0;
}
int ah_of(const vpncfg::Phase2Strategy& strategy) {
    return static_cast<int>(strategy.ah);
}

template <class Strategy, class Proposal>
std::optional<StrategyChoice<Proposal>> choose(std::span<const Strategy> strategies,
                                               const std::vector<Proposal>& proposals) {
    auto wanted = offered_of(proposals);
    for (const auto& proposal : proposals) {
        if (std::ranges::find(wanted, &proposal) == wanted.end()) {
            wanted.push_back(&proposal);
        }
    }
    for (const auto* first : wanted) {
        const Strategy* best = nullptr;
        std::vector<Proposal> list;
        std::tuple<bool, int, std::size_t, std::size_t, int> best_rank;
        for (const auto& strategy : strategies) {
            auto inside = vpncfg::proposals(strategy, false, {});
            const auto* has = find(inside, *first);
            if (has == nullptr) {
                continue;
            }
            const auto missing = std::ranges::count_if(
                proposals, [&](const Proposal& one) { return find(inside, one) == nullptr; });
            const std::tuple rank{!has->offered, ah_of(strategy), static_cast<std::size_t>(missing),
                                  inside.size(), static_cast<int>(strategy.certainty)};
            if (best == nullptr || rank < best_rank) {
                best = &strategy;
                best_rank = rank;
                list = std::move(inside);
            }
        }
        if (best == nullptr) {
            continue;
        }
        StrategyChoice<Proposal> choice{best->name, {}, {}, 0};
        for (const auto& proposal : proposals) {
            const auto* has = find(list, proposal);
            if (has == nullptr) {
                choice.missing.push_back(&proposal);
            } else if (proposal.offered && !has->offered) {
                choice.only_accepted.push_back(&proposal);
            }
        }
        choice.more = static_cast<std::size_t>(std::ranges::count_if(
            list, [&](const Proposal& one) { return find(proposals, one) == nullptr; }));
        return choice;
    }
    return std::nullopt;
}

}  // namespace

std::optional<StrategyChoice<Phase1Proposal>> choose_strategy(const std::vector<Phase1Proposal>& proposals) {
    return choose(vpncfg::phase1_strategies(), proposals);
}

std::optional<StrategyChoice<Phase2Proposal>> choose_strategy(const std::vector<Phase2Proposal>& proposals) {
    return choose(vpncfg::phase2_strategies(), proposals);
}

}  // namespace causeway::pair
