#include "negotiation/refusal.hpp"

#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

#include "base/findings.hpp"

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

/// Which row tells of transforms that do not fit.
FindingId suites_that_differ(const Reason& reason) {
    const std::string_view nearest = reason.nearest;
    const bool phase1 = reason.phase == Phase::phase1;
    if (reason.differences != 1) {
        return FindingId::suites_differ;
    }
    switch (reason.obstacle) {
        case Obstacle::encryption:
            // "encryption: theirs aes256, ours aes128"
            if (nearest.find("theirs aes") != std::string_view::npos &&
                nearest.find("ours aes") != std::string_view::npos &&
                nearest.find("gcm") == std::string_view::npos) {
                return phase1 ? FindingId::phase1_key_lengths_differ : FindingId::phase2_key_lengths_differ;
            }
            return phase1 ? FindingId::phase1_ciphers_differ : FindingId::phase2_ciphers_differ;
        case Obstacle::hash:
            return FindingId::phase1_hashes_differ;
        case Obstacle::group:
            return FindingId::phase1_groups_differ;
        case Obstacle::authentication_method:
            return FindingId::authentication_differs;
        case Obstacle::integrity:
            return FindingId::phase2_integrities_differ;
        case Obstacle::pfs:
            return nearest.find("none") != std::string_view::npos ? FindingId::pfs_on_one_side
                                                                  : FindingId::pfs_groups_differ;
        case Obstacle::encapsulation:
            return FindingId::encapsulations_differ;
        case Obstacle::esn:
            return FindingId::esn_offered_alone;
        case Obstacle::attribute:
            return FindingId::attribute_odd;
        default:
            return FindingId::suites_differ;
    }
}

FindingId identity_that_differs(const Reason& reason) {
    switch (reason.likeness) {
        case Likeness::other_kind:
            return FindingId::identity_kind_differs;
        case Likeness::exchanged:
            return FindingId::identities_exchanged;
        case Likeness::address:
            return FindingId::identity_not_said;
        default:
            return FindingId::identity_differs;
    }
}

FindingId networks_that_differ(const Reason& reason) {
    if (reason.obstacle == Obstacle::other_networks) {
        return reason.likeness == Likeness::mask ? FindingId::masks_answered : FindingId::networks_answered;
    }
    return reason.likeness == Likeness::exchanged ? FindingId::networks_exchanged
           : reason.likeness == Likeness::mask    ? FindingId::masks_differ
                                                  : FindingId::networks_unknown;
}

FindingId finding_id(const Reason& reason) {
    switch (reason.obstacle) {
        case Obstacle::address:
            return FindingId::caller_unknown;
        case Obstacle::mode:
            return FindingId::mode_refused;
        case Obstacle::identity:
            return identity_that_differs(reason);
        case Obstacle::unknown_identity:
            return FindingId::identity_unknown;
        case Obstacle::networks:
        case Obstacle::other_networks:
            return networks_that_differ(reason);
        case Obstacle::chosen:
            return FindingId::chosen_for_another;
        case Obstacle::nothing_offered:
            return FindingId::nothing_proposed;
        case Obstacle::several_answers:
            return FindingId::answer_not_one;
        case Obstacle::not_offered:
            return FindingId::answer_not_ours;
        default:
            return suites_that_differ(reason);
    }
}

/// Behind the two, in the log.
std::string how_they_differ(Likeness likeness) {
    return likeness == Likeness::exchanged ? ": exchanged at one end"
           : likeness == Likeness::mask    ? ": the masks differ"
                                           : "";
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
                      {"how", how_they_differ(reason.likeness)},
                      {"place", reason.accepted.empty() ? std::string{} : reason.place.text()}};
            break;
    }
    fields.emplace_back("remote", remote.text());
    return event;
}

Finding finding_for(const Reason& reason) {
    const bool suites = reason.obstacle != Obstacle::address && reason.obstacle != Obstacle::mode &&
                        reason.obstacle != Obstacle::identity &&
                        reason.obstacle != Obstacle::unknown_identity &&
                        reason.obstacle != Obstacle::networks && reason.obstacle != Obstacle::other_networks;
    Finding made;
    made.id = finding_id(reason);
    made.severity = Severity::error;
    made.certainty = describe(made.id).certainty;
    if (reason.place.known()) {
        made.places.push_back(reason.place);
    }
    if (suites) {
        made.fields = {{"offered", reason.offered},
                       {"accepted", reason.accepted},
                       {"nearest", reason.nearest.empty() ? "" : "; nearest: " + reason.nearest},
                       {"remedy", reason.remedy}};
    } else {
        const bool of_identity =
            reason.obstacle == Obstacle::identity || reason.obstacle == Obstacle::unknown_identity;
        const bool named = of_identity && reason.identity && reason.likeness != Likeness::other_kind;
        made.fields = {{"received", named ? reason.identity->text() : reason.offered},
                       {"expected", reason.accepted}};
    }
    return made;
}

}  // namespace causeway::negotiation
