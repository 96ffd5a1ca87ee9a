// A report in words, for people: a line for each step with a tick or a cross, then the one most likely cause and what to
// do. Pure. Lines are as long as they come: whoever prints them wraps them.
#pragma once

#include <string>
#include <string_view>

#include "doctor/report.hpp"

namespace causeway::doctor {

/// What stands in front of a step, in the order of State; each as wide as the others on a terminal.
struct Marks {
    std::string_view ok = "ok";
    std::string_view wrong = "NO";
    std::string_view unknown = " ?";
    std::string_view skipped = " -";
};
/// For a terminal that shows UTF-8.
inline constexpr Marks marks_in_utf8{"\u2713", "\u2717", "?", "-"};
constexpr std::string_view mark_of(const Marks& marks, State state) {
    return state == State::ok        ? marks.ok
           : state == State::wrong   ? marks.wrong
           : state == State::unknown ? marks.unknown
                                     : marks.skipped;
}

/// "  ok Configuration   /etc/config/ipsec has no errors", a line each. A subject stands in front of the sentence where
/// there are several.
std::string steps_text(const Report& report, const Marks& marks);
/// "Most likely cause: ...", "What to do: ...", "More: ..."; or that nothing was found.
std::string verdict_text(const Report& report);

}  // namespace causeway::doctor
