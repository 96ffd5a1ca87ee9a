#include "ike/v1/step_rule.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace causeway::ike::v1 {

std::string_view name_of(Protection protection) {
    switch (protection) {
        case Protection::clear:
            return "clear";
        case Protection::encrypted:
            return "encrypted";
        case Protection::either:
            return "clear or encrypted";
    }
    return "";
}

Result<void> check(const StepRule& rule, bool encrypted, std::span<const isakmp::Payload> payloads) {
    if (rule.protection != Protection::either && encrypted != (rule.protection == Protection::encrypted)) {
        return fail(Errc::malformed,
                    fmt::format("in {} the message must be {}", rule.name, name_of(rule.protection)));
    }
    for (const auto type : rule.required.types()) {
        const auto count =
            std::count_if(payloads.begin(), payloads.end(),
                          [type](const isakmp::Payload& payload) { return payload.type == type; });
        if (count != 1) {
            return fail(Errc::malformed, fmt::format("in {} exactly one {} payload is expected, {} came",
                                                     rule.name, isakmp::name_of(type), count));
        }
    }
    return {};
}

}  // namespace causeway::ike::v1
