// What strongSwan offers in a Quick Mode: one group, which depends on that of Phase 1. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "config/model.hpp"
#include "crypto/algorithm.hpp"

namespace causeway::check {

/// The same proposals, those `offered` that go out under an ISAKMP SA of that group. Nothing: of a group that is not
/// known. Proposals of which none leads are not strongSwan's (libreswan reads an ipsec.conf too), and stay as they are.
std::vector<config::Phase2Proposal> strongswan_offer(std::span<const config::Phase2Proposal> proposals,
                                                     std::optional<crypto::GroupId> phase1);

}  // namespace causeway::check
