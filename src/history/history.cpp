#include "history/history.hpp"

#include <string_view>

namespace causeway::history {

namespace {

/// By State.
constexpr std::string_view plain = "nudp";
constexpr std::string_view ticked = "NUDP";

}  // namespace

char letter(Mark mark) {
    return (mark.tick ? ticked : plain).at(static_cast<std::size_t>(mark.state));
}

std::optional<Mark> mark_of(char letter) {
    for (const bool tick : {false, true}) {
        if (const auto at = (tick ? ticked : plain).find(letter); at != std::string_view::npos) {
            return Mark{static_cast<State>(at), tick};
        }
    }
    return std::nullopt;
}

}  // namespace causeway::history
