// Both ends of a tunnel from what a person knows of them: two names, two networks, and what stands at either
// end. Pure; the key is drawn from randomness that is handed in.
#pragma once

#include <string>

#include "base/random.hpp"
#include "base/result.hpp"
#include "config/model.hpp"
#include "pair/site.hpp"

namespace causeway::pair {

struct Description {
    Site ours;
    Site theirs;
    std::string key;  ///< printable ASCII; make_key() makes one that every form can carry
    std::string
        our_title;  ///< what the other end's files call us: "Home"; empty: the first label of our name
    std::string their_title;  ///< what our files call it
};

/// 256 bits from letters and digits, which every form carries as they stand: 43 characters.
std::string make_key(RandomSource& random);

/// Our end as a model: Main Mode, the names as identities, aes256-sha512 with modp2048 and PFS. Where an end is a
/// FRITZ!Box also modp1024, the group that it offers itself, and SHA1, which older boxes have alone. Both
/// ends start, and come back by themselves. An error (`unacceptable`) names what is wrong with the
/// description, and the change.
Result<config::Model> model_of(const Description& description);
/// The same, seen from the other end.
Result<config::Model> model_of_other(const Description& description);

}  // namespace causeway::pair
