#include "check/check.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/findings.hpp"
#include "check/assumed_box.hpp"
#include "check/pairing.hpp"
#include "check/predict.hpp"
#include "check/rules/rules.hpp"

namespace causeway::check {
namespace {

Initiator initiator_of(const Connection& connection) {
    if (connection.out.dials) {
        return connection.in.dials ? Initiator::either : Initiator::ours;
    }
    return connection.in.dials ? Initiator::theirs : Initiator::nobody;
}

/// Phase 1 of whoever gets through, ours first.
const Phase1Outcome& phase1_of(const Connection& connection) {
    const auto& out = connection.out;
    const auto& in = connection.in;
    const bool theirs = (!out.dials || !out.phase1.up()) && (in.dials || !out.dials) &&
                        (in.phase1.up() || !out.phase1.choice);
    return theirs ? in.phase1 : out.phase1;
}

const Phase2Outcome* outcome_of(const Direction& direction, const config::Tunnel* initiator) {
    const auto found = std::ranges::find(direction.phase2, initiator, &Phase2Outcome::initiator);
    return initiator != nullptr && found != direction.phase2.end() ? &*found : nullptr;
}

/// A tunnel stands once Phase 1 does, whoever began that, and one side asks for it.
Phase2Agreed agreed(const Connection& connection, const config::Tunnel* ours, const config::Tunnel* theirs,
                    bool phase1_up) {
    Phase2Agreed result{ours, theirs, false, true, {}, 0};
    const auto take = [&](const Phase2Outcome* outcome, bool asks) {
        if (outcome == nullptr || !outcome->choice || result.up) {
            return;
        }
        result.networks_differ = result.networks_differ && outcome->networks.has_value();
        result.suite = outcome->choice->text();
        result.lifetime_seconds = outcome->lifetime.seconds;
        result.up = phase1_up && asks && outcome->up();
    };
    const auto asks = [](const config::Tunnel* tunnel) {
        return tunnel != nullptr && tunnel->start != config::StartAction::none;
    };
    take(outcome_of(connection.out, ours), asks(ours));
    take(outcome_of(connection.in, theirs), asks(theirs));
    return result;
}

/// Every tunnel of either side once, with its counterpart.
std::vector<Phase2Agreed> phase2_of(const Connection& connection, bool phase1_up) {
    std::vector<Phase2Agreed> all;
    std::vector<const config::Tunnel*> met;
    for (const auto& tunnel : connection.ours.peer->tunnels) {
        const auto* outcome = outcome_of(connection.out, &tunnel);
        const auto* theirs = outcome != nullptr ? outcome->responder : nullptr;
        if (theirs == nullptr) {  // perhaps they ask for it in other words
            for (const auto& in : connection.in.phase2) {
                theirs = in.responder == &tunnel ? in.initiator : theirs;
            }
        }
        met.push_back(theirs);
        all.push_back(agreed(connection, &tunnel, theirs, phase1_up));
    }
    for (const auto& tunnel : connection.theirs.peer->tunnels) {
        if (std::ranges::find(met, &tunnel) == met.end()) {
            all.push_back(agreed(connection, nullptr, &tunnel, phase1_up));
        }
    }
    return all;
}

void apply_rules(const Connection& connection, Findings& findings) {
    check_names(connection, findings);
    check_mode(connection, findings);
    check_keys(connection, findings);
    check_identities(connection, findings);
    check_phase1_suites(connection, findings);
    check_networks(connection, findings);
    check_phase2_suites(connection, findings);
    check_encapsulation(connection, findings);
    check_lifetimes(connection, findings);
}

Connection connection_of(const config::Model& our_model, const config::Peer& ours,
                         const config::Model& their_model, const config::Peer& theirs) {
    auto [here, there] = ends_of(our_model, ours, their_model, theirs);
    Connection connection{&our_model, &their_model, here, there, {}, {}};
    connection.out = predict(here, there);
    connection.in = predict(there, here);
    return connection;
}

/// One that a side has alone, and asks for by itself never.
bool up_or_unwanted(const Phase2Agreed& tunnel) {
    const auto* const alone = tunnel.ours == nullptr     ? tunnel.theirs
                              : tunnel.theirs == nullptr ? tunnel.ours
                                                         : nullptr;
    return tunnel.up || (alone != nullptr && alone->start == config::StartAction::none);
}

ConnectionOutcome outcome_of(const Connection& connection) {
    ConnectionOutcome outcome;
    outcome.ours = connection.ours.peer;
    outcome.theirs = connection.theirs.peer;
    outcome.initiator = initiator_of(connection);
    const auto& ours = *connection.ours.peer;
    const auto& theirs = *connection.theirs.peer;
    const bool phase1_up = ((connection.out.dials && connection.out.phase1.up()) ||
                            (connection.in.dials && connection.in.phase1.up())) &&
                           !key_is_too_long(connection) && !calls_another_address(ours, theirs) &&
                           !calls_another_address(theirs, ours);
    const auto& phase1 = phase1_of(connection);
    outcome.phase1 = Phase1Agreed{phase1_up, phase1.choice ? phase1.choice->text() : std::string{},
                                  connection.ours.peer->mode, phase1.lifetime.seconds};
    outcome.phase2 = phase2_of(connection, phase1_up && !demands_more_than_esp(connection));
    const bool all = std::ranges::all_of(outcome.phase2, up_or_unwanted);
    outcome.connects = phase1_up && all ? Connects::yes : Connects::no;
    return outcome;
}

Connects all_of(const std::vector<ConnectionOutcome>& connections) {
    auto result = connections.empty() ? Connects::unknown : Connects::yes;
    for (const auto& one : connections) {
        if (one.connects == Connects::no) {
            return Connects::no;
        }
        result = one.connects == Connects::unknown ? Connects::unknown : result;
    }
    return result;
}

}  // namespace

std::string_view word(Connects connects) {
    return connects == Connects::yes ? "true" : connects == Connects::no ? "false" : "unknown";
}

std::string_view word(Initiator initiator) {
    switch (initiator) {
        case Initiator::nobody:
            return "nobody";
        case Initiator::ours:
            return "ours";
        case Initiator::theirs:
            return "theirs";
        case Initiator::either:
            return "either";
    }
    return "";
}

Outcome check(const config::Model& ours, const config::Model& theirs) {
    Outcome outcome;
    auto paired = pair_up(ours, theirs);
    for (auto& pair : paired.pairs) {
        const auto connection = connection_of(ours, *pair.ours, theirs, *pair.theirs);
        outcome.connections.push_back(outcome_of(connection));
        outcome.connections.back().why_together = std::move(pair.why);
        apply_rules(connection, outcome.findings);
    }
    check_callers(ours, outcome.findings);
    check_callers(theirs, outcome.findings);
    if (paired.pairs.empty()) {
        for (const auto* alone : paired.ours_alone) {
            ConnectionOutcome missing;
            missing.ours = alone;
            missing.connects = Connects::no;
            outcome.connections.push_back(std::move(missing));
            // Where the other file has nothing usable, its own findings say why.
            if (!theirs.peers.empty()) {
                outcome.findings.push_back(
                    finding<FindingId::pair_not_found>(alone->place, field<"connection">(alone->name)));
            }
        }
    }
    outcome.connects =
        ours.peers.empty() || theirs.peers.empty() ? Connects::no : all_of(outcome.connections);
    return outcome;
}

Outcome check_alone(const config::Model& ours, bool box_named) {
    Outcome outcome;
    outcome.connects = ours.usable() && ours.counts().errors == 0 ? Connects::unknown : Connects::no;
    const auto box = assumed_box(ours);
    check_callers(ours, outcome.findings);
    const bool plays_box = manner_of(ours.schema).kind == Kind::fritzbox;
    for (std::size_t i = 0; i < ours.peers.size(); ++i) {
        ConnectionOutcome alone;
        alone.ours = &ours.peers[i];
        check_published_key(*alone.ours, outcome.findings);
        if (!plays_box) {
            const auto connection = connection_of(ours, ours.peers[i], box, box.peers[i]);
            check_phase1_suites(connection, outcome.findings);
            check_phase2_suites(connection, outcome.findings);
            check_gateways(connection, outcome.findings);
            outcome.findings.push_back(finding<FindingId::pair_assumed_box>(
                alone.ours->place, field<"connection">(alone.ours->name)));
        }
        outcome.connections.push_back(std::move(alone));
    }
    // What is known of the assumed side has no place; and what is assumed is no error.
    for (auto& one : outcome.findings) {
        if (!box_named && one.code() != Code::psk_published && one.code() != Code::any_several_psk) {
            one.severity = Severity::note;
        }
        std::erase_if(one.places, [](const Place& place) { return !place.known(); });
    }
    return outcome;
}

}  // namespace causeway::check
