// What there is to say of a connection whose both ends are known: one family of causes a file. Each looks at its own
// matter whatever the others find, so that two faults are told at once. Private to check/.
#pragma once

#include <string>
#include <vector>

#include "base/finding.hpp"
#include "check/predict.hpp"
#include "config/model.hpp"

namespace causeway::check {

/// Both ends of one connection, and what becomes of it.
struct Connection {
    const config::Model* our_model = nullptr;
    const config::Model* their_model = nullptr;
    End ours;
    End theirs;
    Direction out;  ///< we call
    Direction in;   ///< they call
};

using Findings = std::vector<Finding>;

void check_mode(const Connection& connection, Findings& findings);
void check_keys(const Connection& connection, Findings& findings);
void check_identities(const Connection& connection, Findings& findings);
void check_phase1_suites(const Connection& connection, Findings& findings);
void check_phase2_suites(const Connection& connection, Findings& findings);
/// AH beside ESP, which nobody but a box can be told to want.
void check_encapsulation(const Connection& connection, Findings& findings);
bool demands_more_than_esp(const Connection& connection);
/// Of check_keys(): a key that everybody can read.
void check_published_key(const config::Peer& peer, Findings& findings);
/// A box takes so much and no more.
bool key_is_too_long(const Connection& connection);
/// Of one file: several callers from anywhere, each with a key of its own.
void check_callers(const config::Model& model, Findings& findings);
void check_networks(const Connection& connection, Findings& findings);
void check_names(const Connection& connection, Findings& findings);
/// Of check_names(): the peer's address inside the network behind it.
void check_gateways(const Connection& connection, Findings& findings);
void check_lifetimes(const Connection& connection, Findings& findings);

/// A fault of one direction alone keeps nothing down where the other one is used.
Severity severity_of(bool out_fails, bool in_fails, const Connection& connection);

}  // namespace causeway::check
