#include "negotiation/refusal.hpp"

#include <fmt/format.h>
#include <string>
#include <utility>

namespace causeway::negotiation {
namespace {

/// Why no transform was chosen. What an answer should have been is no value of the configuration: it was
/// offered, so the log need not say where that stands.
std::string why_no_proposal(const Reason& reason) {
    switch (reason.obstacle) {
        case Obstacle::several_answers:
        case Obstacle::not_offered:
            return reason.text();
        case Obstacle::chosen:
            return fmt::format("{} was chosen before the identity was known, but {} does not admit it",
                               reason.offered, reason.place.text());
        default:
            return fmt::format("{} ({})", reason.text(), reason.place.text());
    }
}

EventCode code_for(const Reason& reason) {
    switch (reason.obstacle) {
        case Obstacle::address:
            return EventCode::phase1_unknown_peer;
        case Obstacle::mode:
            return EventCode::phase1_mode_mismatch;
        case Obstacle::identity:
        case Obstacle::unknown_identity:
            return EventCode::phase1_id_mismatch;
        case Obstacle::networks:
        case Obstacle::other_networks:
            return EventCode::phase2_wrong_networks;
        default:
            return reason.phase == Phase::phase1 ? EventCode::phase1_no_proposal
                                                 : EventCode::phase2_no_proposal;
    }
}

}  // namespace

isakmp::NotifyType notification_for(const Reason& reason) {
    switch (reason.obstacle) {
        case Obstacle::identity:
        case Obstacle::unknown_identity:
        case Obstacle::networks:
        case Obstacle::other_networks:
            return isakmp::NotifyType::invalid_id_information;
        default:
            return isakmp::NotifyType::no_proposal_chosen;
    }
}

Event event_for(const Reason& reason, const Endpoint& remote) {
    Event event{code_for(reason), reason.subject, {}};
    auto& fields = event.fields;
    switch (event.code) {
        case EventCode::phase1_unknown_peer:
            fields = {{"mode", reason.offered}, {"why", reason.text()}};
            break;
        case EventCode::phase1_no_proposal:
        case EventCode::phase2_no_proposal:
            fields = {{"why", why_no_proposal(reason)}};
            break;
        default:
            // Where nothing is configured there is no place either.
            fields = {{"received", reason.identity ? reason.identity->text_with_type() : reason.offered},
                      {"expected", reason.accepted},
                      {"place", reason.accepted.empty() ? std::string{} : reason.place.text()}};
            break;
    }
    fields.emplace_back("remote", remote.text());
    return event;
}

}  // namespace causeway::negotiation
