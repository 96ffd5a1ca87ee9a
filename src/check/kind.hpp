// What reads a configuration file at one end, and how it negotiates where that differs from the RFCs or from causeway:
// data, each value with its source in kind.cpp.
#pragma once

#include <string_view>

#include "config/model.hpp"

namespace causeway::check {

enum class Kind { causeway, fritzbox, strongswan };

/// Whether its own IKE and ESP stay out of a tunnel whose remote network has the peer's address.
enum class SparesGateway {
    no,
    with_kernel_esp,  ///< but not where ESP is in userspace, unless it is set up for that
    yes,
};

struct Manner {
    Kind kind;
    std::string_view name;  ///< in a sentence: "strongSwan"
    /// Aggressive Mode and PFS know one group an exchange: the others follow in further attempts.
    bool tries_every_group;
    /// As responder it answers a pair of networks that overlaps its own with what both have, and takes such an answer
    /// as initiator.
    bool narrows;
    /// One pair of networks in each connection.
    bool one_pair;
    /// Refuses Aggressive Mode with a pre-shared key unless an option of its own admits it.
    bool refuses_aggressive;
    SparesGateway spares_gateway;
    /// Quick Mode: the group of Phase 1 rather than the first one (check/strongswan_offer.hpp).
    bool prefers_group_of_phase1;
};

const Manner& manner_of(config::Schema schema);

}  // namespace causeway::check
