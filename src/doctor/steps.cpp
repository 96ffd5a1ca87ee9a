#include "doctor/steps.hpp"

#include <cstddef>
#include <fmt/format.h>
#include <utility>

#include "base/event.hpp"

namespace causeway::doctor {
namespace {

/// Longer than any sentence of ours; what a peer sent may be longer.
constexpr std::size_t sentence_max = 512;

Step step(About about, State state, std::string sentence) {
    Step made;
    made.layer = about.layer;
    made.subject = printable(about.subject);
    made.state = state;
    made.sentence = printable(sentence, sentence_max);
    return made;
}

}  // namespace

Step ok(About about, std::string sentence) {
    return step(std::move(about), State::ok, std::move(sentence));
}

Step unknown(About about, std::string sentence) {
    return step(std::move(about), State::unknown, std::move(sentence));
}

Step skipped(About about, std::string sentence) {
    return step(std::move(about), State::skipped, std::move(sentence));
}

Step wrong(About about, const status::Told& cause, Stops stops) {
    Step made = step(std::move(about), State::wrong, cause.message);
    made.code = cause.code;
    made.remedy = printable(cause.remedy, sentence_max);
    made.certainty = cause.certainty;
    made.stops = stops;
    return made;
}

Step wrong(About about, const Finding& cause, Stops stops) {
    return wrong(std::move(about), status::told(cause), stops);
}

std::string age(std::int64_t seconds) {
    constexpr std::pair<std::int64_t, const char*> units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}};
    for (const auto& [size, name] : units) {
        if (seconds >= 2 * size) {
            return fmt::format("{} {}", seconds / size, name);
        }
    }
    return fmt::format("{} s", seconds);
}

std::string counted(std::uint64_t count, const char* noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace causeway::doctor
