// A star: one hub with a tunnel to each of its spokes, and the model of each site. Pure; the keys are drawn from
// randomness that is handed in.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "config/model.hpp"
#include "pair/describe.hpp"

namespace causeway::pair {

struct NamedSite {
    std::string title;  ///< the section's name, letters, digits and '_': its folder, and what others call it
    Site site;
};

struct Star {
    NamedSite hub;
    std::vector<NamedSite> spokes;    ///< one at least
    std::vector<std::string> keys{};  ///< of the hub with each spoke, in their order
};

/// A key for each spoke, as make_key() makes them.
void draw_keys(Star& star, RandomSource& random);

/// The hub and one of its spokes, as a pair: ours is the hub.
Description pair_of(const Star& star, std::size_t spoke);

/// A peer for each spoke.
Result<config::Model> model_of_hub(const Star& star);
/// One peer, the hub.
Result<config::Model> model_of_spoke(const Star& star, std::size_t spoke);

}  // namespace causeway::pair
