// Lifetimes: which one counts, and those that are a slip of the unit.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/findings.hpp"
#include "check/rules/rules.hpp"
#include "config/words.hpp"

namespace causeway::check {
namespace {

/// Renewing every few minutes is what nobody wants, and what a slip of a unit makes.
constexpr std::uint32_t short_seconds = 300;

struct Both {
    config::Lifetime here;
    config::Lifetime there;
    Place here_place;
    Place there_place;
};

void tell(const std::string& connection, std::string_view phase, const Both& both, Findings& findings) {
    if (both.here.seconds == both.there.seconds) {
        return;
    }
    const auto text = [](const config::Lifetime& lifetime) {
        return config::in_words(std::chrono::seconds(lifetime.seconds));
    };
    const std::vector<Place> places{both.here_place, both.there_place};
    const bool here_is_shorter = both.here.seconds < both.there.seconds;
    if (std::min(both.here.seconds, both.there.seconds) < short_seconds) {
        findings.push_back(finding<FindingId::pair_lifetime_short>(
            places, field<"connection">(connection), field<"phase">(std::string(phase)),
            field<"here">(text(both.here)), field<"there">(text(both.there))));
        return;
    }
    findings.push_back(finding<FindingId::pair_lifetimes_differ>(
        places, field<"connection">(connection), field<"phase">(std::string(phase)),
        field<"here">(text(both.here)), field<"there">(text(both.there)),
        field<"who">(here_is_shorter ? "this side" : "the other side")));
}

/// Of a peer or a tunnel: where the option stands, else whose default it is.
const Place& place_of(const auto& owner) {
    return owner.lifetime_place.known() ? owner.lifetime_place : owner.place;
}

/// A box renews Phase 2 in the Phase 1 that it has, and makes no other for it in time.
bool tell_of_shorter_isakmp_sa(const Connection& connection, Findings& findings) {
    const auto& ours = *connection.ours.peer;
    const auto& theirs = *connection.theirs.peer;
    const bool box =
        connection.ours.manner->kind == Kind::fritzbox || connection.theirs.manner->kind == Kind::fritzbox;
    const auto phase1 = std::min(ours.lifetime.seconds, theirs.lifetime.seconds);
    const auto& outcomes = connection.out.phase2;
    if (!box || outcomes.empty() || phase1 >= outcomes.front().lifetime.seconds / 2 ||
        phase1 < short_seconds) {
        return false;
    }
    findings.push_back(finding<FindingId::pair_isakmp_sa_shorter>(
        std::vector<Place>{place_of(ours), place_of(theirs)}, field<"connection">(ours.name),
        field<"here">(config::in_words(std::chrono::seconds(ours.lifetime.seconds))),
        field<"there">(config::in_words(std::chrono::seconds(theirs.lifetime.seconds))),
        field<"phase2">(config::in_words(std::chrono::seconds(outcomes.front().lifetime.seconds)))));
    return true;
}

}  // namespace

void check_lifetimes(const Connection& connection, Findings& findings) {
    const auto& ours = *connection.ours.peer;
    const auto& theirs = *connection.theirs.peer;
    if (tell_of_shorter_isakmp_sa(connection, findings)) {
        return;
    }
    tell(ours.name, "Phase 1", {ours.lifetime, theirs.lifetime, place_of(ours), place_of(theirs)}, findings);
    for (const auto& outcome : connection.out.phase2) {
        if (outcome.responder != nullptr) {
            tell(ours.name, "Phase 2",
                 {outcome.initiator->lifetime, outcome.responder->lifetime, place_of(*outcome.initiator),
                  place_of(*outcome.responder)},
                 findings);
        }
    }
}

}  // namespace causeway::check
