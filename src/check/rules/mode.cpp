// Main or Aggressive Mode (RFC 2409 5.1, 5.4).
#include <string>
#include <vector>

#include "base/findings.hpp"
#include "check/lines.hpp"
#include "check/rules/rules.hpp"

namespace causeway::check {

Severity severity_of(bool out_fails, bool in_fails, const Connection& connection) {
    // Whoever dials has to get through; where both do, either is enough.
    const bool works = (connection.out.dials && !out_fails) || (connection.in.dials && !in_fails);
    return works ? Severity::warning : Severity::error;
}

void check_mode(const Connection& connection, Findings& findings) {
    const auto& ours = *connection.ours.peer;
    const auto& theirs = *connection.theirs.peer;
    if (ours.mode != theirs.mode) {
        // Main Mode shows nobody who asks a hash of the key: it is named first.
        const auto wanted = config::ExchangeMode::main;
        const bool here = ours.mode != wanted;
        const auto line =
            mode_line(here ? connection.our_model->schema : connection.their_model->schema, wanted);
        findings.push_back(finding<FindingId::pair_modes_differ>(
            std::vector<Place>{ours.mode_place.known() ? ours.mode_place : ours.place,
                               theirs.mode_place.known() ? theirs.mode_place : theirs.place},
            field<"connection">(ours.name), field<"here">(std::string(name_of(ours.mode))),
            field<"there">(std::string(name_of(theirs.mode))),
            field<"remedy">(here ? either(line, {}) : either({}, line))));
        findings.back().severity = severity_of(connection.out.phase1.mode.has_value(),
                                               connection.in.phase1.mode.has_value(), connection);
        return;
    }
    const bool called = (connection.theirs.manner->refuses_aggressive && connection.out.dials) ||
                        (connection.ours.manner->refuses_aggressive && connection.in.dials);
    if (ours.mode == config::ExchangeMode::aggressive && called) {
        findings.push_back(finding<FindingId::pair_aggressive_refused>(
            std::vector<Place>{ours.mode_place, theirs.mode_place}, field<"connection">(ours.name),
            field<"remedy">(either(mode_line(connection.our_model->schema, config::ExchangeMode::main),
                                   mode_line(connection.their_model->schema, config::ExchangeMode::main)))));
    }
}

}  // namespace causeway::check
