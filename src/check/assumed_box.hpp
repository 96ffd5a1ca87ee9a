// The other end where nobody gave its file: a FRITZ!Box with our connection mirrored, that takes what boxes are publicly
// known to take. Only its suites say anything; the rest is what we expect of it. Pure.
#pragma once

#include "config/model.hpp"

namespace causeway::check {

config::Model assumed_box(const config::Model& ours);

}  // namespace causeway::check
