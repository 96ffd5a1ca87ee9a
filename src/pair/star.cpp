#include "pair/star.hpp"

#include <utility>

#include "config/naming.hpp"

namespace causeway::pair {

void draw_keys(Star& star, RandomSource& random) {
    star.keys.clear();
    for (std::size_t i = 0; i < star.spokes.size(); ++i) {
        star.keys.push_back(make_key(random));
    }
}

Description pair_of(const Star& star, std::size_t spoke) {
    const auto& there = star.spokes.at(spoke);
    return {star.hub.site, there.site, star.keys.at(spoke), star.hub.title, there.title};
}

Result<config::Model> model_of_hub(const Star& star) {
    config::Model hub = CAUSEWAY_TRY(model_of(pair_of(star, 0)));
    for (std::size_t i = 1; i < star.spokes.size(); ++i) {
        config::Model one = CAUSEWAY_TRY(model_of(pair_of(star, i)));
        hub.peers.push_back(std::move(one.peers.front()));
    }
    config::give_names_and_numbers(hub);
    return hub;
}

Result<config::Model> model_of_spoke(const Star& star, std::size_t spoke) {
    return model_of_other(pair_of(star, spoke));
}

}  // namespace causeway::pair
