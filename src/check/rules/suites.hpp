// How good a suite is, and what a FRITZ!Box is known to take. Pure.
#pragma once

#include <string>

#include "config/model.hpp"

namespace causeway::check {

/// "3des and modp1024"; empty: nothing of it is weak. SHA1 in HMAC is not.
std::string weakness(const config::Phase1Proposal& suite);
std::string weakness(const config::Phase2Proposal& suite);

/// What to write instead, the nearest that has no weakness; with a box the best that one is known to take.
config::Phase1Proposal better_than(const config::Phase1Proposal& suite, bool box);
config::Phase2Proposal better_than(const config::Phase2Proposal& suite, bool box);

/// AVM's knowledge base: AES, 3DES; SHA2-512, SHA1, MD5; groups 1, 2, 5, 14, 15.
bool box_may_take(const config::Phase1Proposal& suite);
bool box_may_take(const config::Phase2Proposal& suite);
/// "sha256", "modp4096", what of it no box is known to take.
std::string beyond_box(const config::Phase1Proposal& suite);
std::string beyond_box(const config::Phase2Proposal& suite);

}  // namespace causeway::check
