// Which entries of two files are the two ends of one connection. Pure. Points into the models.
#pragma once

#include <string>
#include <vector>

#include "config/model.hpp"

namespace causeway::check {

struct Pairing {
    const config::Peer* ours = nullptr;
    const config::Peer* theirs = nullptr;
    std::string
        why;  ///< "their networks and their key": what the two have in common; empty: they are the only ones
};

struct Paired {
    std::vector<Pairing> pairs;  ///< in the order of our file
    std::vector<const config::Peer*> ours_alone;
    std::vector<const config::Peer*> theirs_alone;
};

/// Each entry belongs to one pair at most: to the one with which it has most in common. Where each file has one entry
/// they belong together whatever they say. The cost grows with what is alike, not with the product of both files.
Paired pair_up(const config::Model& ours, const config::Model& theirs);

}  // namespace causeway::check
