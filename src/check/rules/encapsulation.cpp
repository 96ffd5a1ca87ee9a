// AH beside ESP: what a box can be told to want, and nobody else does.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "check/rules/rules.hpp"

namespace causeway::check {
namespace {

/// What the reader said of a strategy with AH, if one stands at this tunnel.
const Finding* ah_wanted(const config::Model& model, const config::Peer& peer) {
    const auto found = std::ranges::find_if(model.findings, [&](const Finding& one) {
        return one.id == FindingId::strategy_with_ah &&
               std::ranges::any_of(peer.tunnels,
                                   [&](const auto& tunnel) { return tunnel.proposals_place == one.place(); });
    });
    return found == model.findings.end() ? nullptr : &*found;
}

}  // namespace

bool demands_more_than_esp(const Connection& connection) {
    // Two boxes understand each other.
    return (ah_wanted(*connection.our_model, *connection.ours.peer) != nullptr) !=
           (ah_wanted(*connection.their_model, *connection.theirs.peer) != nullptr);
}

void check_encapsulation(const Connection& connection, Findings& findings) {
    const auto* here = ah_wanted(*connection.our_model, *connection.ours.peer);
    const auto* there = ah_wanted(*connection.their_model, *connection.theirs.peer);
    if ((here == nullptr) == (there == nullptr)) {
        return;
    }
    const auto& wanting = here != nullptr ? *here : *there;
    const auto& other =
        here != nullptr ? connection.theirs.peer->tunnels.front() : connection.ours.peer->tunnels.front();
    const std::vector<Place> places = here != nullptr ? std::vector{wanting.place(), other.proposals_place}
                                                      : std::vector{other.proposals_place, wanting.place()};
    const auto strategy =
        std::ranges::find(wanting.fields, "value", &std::pair<std::string_view, std::string>::first);
    findings.push_back(finding<FindingId::pair_ah_demanded>(
        places, field<"connection">(connection.ours.peer->name),
        field<"strategy">(strategy != wanting.fields.end() ? strategy->second : std::string{}),
        field<"where">(here != nullptr ? "here" : "there"),
        field<"other">(here != nullptr ? "there" : "here"),
        field<"remedy">(std::string(here != nullptr ? "here" : "there") +
                        ": phase2ss = \"esp-all-all/ah-none/comp-all/pfs\";")));
}

}  // namespace causeway::check
