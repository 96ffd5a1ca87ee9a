#include "negotiation/reason.hpp"

#include <fmt/format.h>

namespace causeway::negotiation {

std::string Reason::text() const {
    std::string all;
    switch (obstacle) {
        case Obstacle::address:
            return "no peer has this address";
        case Obstacle::mode:
            return offered + " is not configured for this peer";
        case Obstacle::identity:
            return fmt::format("the peer identifies itself as {}, expected {}",
                               identity ? identity->text() : offered, accepted);
        case Obstacle::unknown_identity:
            return fmt::format("no peer is called {}", identity ? identity->text() : offered);
        case Obstacle::networks:
            return "no tunnel has these networks";
        case Obstacle::other_networks:
            return "the peer answers with other networks";
        case Obstacle::chosen:
            return "the chosen transform is not configured for this peer";
        case Obstacle::nothing_offered:
            return fmt::format("they offer nothing that can be read as a proposal; we accept {}", accepted);
        case Obstacle::several_answers:
            return fmt::format("the answer is not exactly one transform: {}", offered);
        case Obstacle::not_offered:
            all = fmt::format("they answer {}, which was not offered; we offered {}", offered, accepted);
            break;
        default:
            all = fmt::format("they offer {}; we accept {}", offered, accepted);
            break;
    }
    if (!nearest.empty()) {
        all += fmt::format("; nearest: {}", nearest);
    }
    if (!remedy.empty()) {
        all += fmt::format("; {}", remedy);
    }
    return all;
}

}  // namespace causeway::negotiation
