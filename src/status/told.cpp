#include "status/told.hpp"

#include "base/findings.hpp"

namespace causeway::status {

Told told(const Finding& finding) {
    Told told{.code = text(finding.code()),
              .severity = finding.severity,
              .certainty = finding.certainty,
              .message = finding.message(),
              .remedy = finding.remedy(),
              .fields = {},
              .locations = {}};
    for (const auto& [name, value] : finding.fields) {
        told.fields.emplace(name, value);
    }
    for (const auto& place : finding.places) {
        if (place.file) {
            told.locations.push_back({*place.file, place.line, place.column});
        }
    }
    return told;
}

}  // namespace causeway::status
