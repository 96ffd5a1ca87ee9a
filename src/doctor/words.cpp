#include "doctor/words.hpp"

#include <fmt/format.h>
#include <set>

namespace causeway::doctor {
namespace {

bool names_subjects(const Report& report) {
    std::set<std::string_view> subjects;
    for (const Step& step : report.steps) {
        if (!step.subject.empty()) {
            subjects.insert(step.subject);
        }
    }
    return subjects.size() > 1;
}

std::string sentence_of(const Step& step, bool with_subject) {
    return with_subject && !step.subject.empty() ? fmt::format("{}: {}", step.subject, step.sentence)
                                                 : step.sentence;
}

std::string all_well(const Report& report) {
    const auto open = report.count(State::unknown);
    return open == 0 ? "Nothing wrong was found.\n"
                     : fmt::format("Nothing wrong was found; what has a '?' could not be determined.\n");
}

}  // namespace

std::string steps_text(const Report& report, const Marks& marks) {
    const bool with_subject = names_subjects(report);
    std::string text;
    for (const Step& step : report.steps) {
        text += fmt::format("  {} {:<14}  {}\n", mark_of(marks, step.state), label_of(step.layer),
                            sentence_of(step, with_subject));
    }
    return text;
}

std::string verdict_text(const Report& report) {
    const Step* cause = report.cause();
    if (cause == nullptr) {
        return all_well(report);
    }
    std::string text =
        fmt::format("Most likely cause: {}.{}\n", sentence_of(*cause, names_subjects(report)),
                    cause->certainty == Certainty::one_of ? " Other causes can look the same." : "");
    if (!cause->remedy.empty()) {
        text += fmt::format("What to do: {}.\n", cause->remedy);
    }
    if (!cause->code.empty()) {
        text += fmt::format("More: causeway explain {}\n", cause->code);
    }
    return text;
}

}  // namespace causeway::doctor
