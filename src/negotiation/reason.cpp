#include "negotiation/reason.hpp"

#include <fmt/format.h>

namespace causeway::negotiation {

std::string Reason::text() const {
    std::string all;
    switch (obstacle) {
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
