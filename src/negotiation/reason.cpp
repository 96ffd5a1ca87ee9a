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
            all = fmt::format("the peer identifies itself as {}, expected {}",
                              !identity || likeness == Likeness::other_kind ? offered : identity->text(),
                              accepted);
            return likeness == Likeness::other_kind  ? all + ": the same letters, of another kind"
                   : likeness == Likeness::exchanged ? all + ": it says our own identity"
                   : likeness == Likeness::address
                       ? all + ": it says its address, so it has no identity configured"
                       : all;
        case Obstacle::unknown_identity:
            return fmt::format("no peer is called {}", identity ? identity->text() : offered);
        case Obstacle::networks:
            all = fmt::format("the peer asks for {}, and we have {}", offered, accepted);
            return likeness == Likeness::exchanged ? all + ": they are exchanged at one end"
                   : likeness == Likeness::mask    ? all + ": the masks differ"
                                                   : all;
        case Obstacle::other_networks:
            return fmt::format("the peer answers with {} where {} was asked for{}", offered, accepted,
                               likeness == Likeness::mask ? ": the masks differ" : "");
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
