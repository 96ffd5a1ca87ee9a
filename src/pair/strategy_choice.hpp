// Which of a FRITZ!Box's lists of suites (config/vpncfg/strategies.hpp) says best what a configuration offers and
// accepts. Pure; used by the writer of vpncfg files.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "config/model.hpp"

namespace causeway::pair {

/// A list, and how it differs from what is wanted. Pointers are into the proposals that were asked for.
template <class Proposal>
struct StrategyChoice {
    std::string_view name;
    std::vector<const Proposal*> missing;  ///< not in the list
    std::vector<const Proposal*>
        only_accepted;     ///< offered by the configuration, merely accepted by the list
    std::size_t more = 0;  ///< in the list, and not in the configuration
};

/// The first suite of the configuration that any list has decides: of the lists that have it, one that offers
/// it comes before one that accepts it, then that which has the most of the others, then the shortest.
/// Nothing: no list has any of them.
std::optional<StrategyChoice<config::Phase1Proposal>> choose_strategy(
    const std::vector<config::Phase1Proposal>& proposals);
std::optional<StrategyChoice<config::Phase2Proposal>> choose_strategy(
    const std::vector<config::Phase2Proposal>& proposals);

}  // namespace causeway::pair
