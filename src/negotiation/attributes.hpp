// Which attributes a transform may carry so that it can be accepted as it stands (RFC 2408 4.2): each of a
// type that we know and support, readable, and none that contradicts another one (RFC 2407 4.5.2). One that
// may not makes its transform unfit, and no more: docs/decisions/0005.
#pragma once

#include <optional>
#include <string>

#include "codec/isakmp/payloads.hpp"
#include "negotiation/reason.hpp"

namespace causeway::negotiation {

/// Why a transform is unfit whatever its algorithms are.
struct Unfit {
    Obstacle obstacle = Obstacle::attribute;
    std::string text;  ///< "attribute 77 is unknown"
};

/// The first attribute of a transform that stands in the way; nothing: none does.
std::optional<Unfit> unfit_for_phase1(const isakmp::Transform& transform);
std::optional<Unfit> unfit_for_phase2(const isakmp::Transform& transform);

}  // namespace causeway::negotiation
