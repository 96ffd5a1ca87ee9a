#include "cli/history_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "cli/colour.hpp"
#include "cli/words.hpp"
#include "cli/wrap.hpp"

namespace causeway::cli {
namespace {

using history::Connection;
using history::History;
using history::Mark;
using history::State;

/// In front of each strip: two blanks, the longest label, two blanks.
constexpr std::size_t label_columns = 20;
constexpr std::size_t strip_columns_min = 12;
constexpr std::size_t strip_columns_max = 72;
/// The clock has five characters, and room behind it.
constexpr std::size_t clock_columns = 12;
/// The last ones; --json has all.
constexpr std::size_t whys_shown = 10;
constexpr std::array<std::string_view, history::rows.size()> labels{"name and address", "Phase 1", "Phase 2",
                                                                    "far end answers"};

struct Characters {
    std::array<std::string_view, 4> states;  ///< by State
    std::string_view tick;
    std::string_view start;
    std::array<std::string_view, 8> heights;
};
constexpr Characters blocks{{" ", "█", "░", "▄"}, "┃", "▲", {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}};
constexpr Characters ascii{{" ", "#", ".", "+"}, "|", "^", {"1", "2", "3", "4", "5", "6", "7", "8"}};

/// How the steps share the columns: the last column ends with the last step.
struct Scale {
    std::size_t steps = 0;
    std::size_t in_column = 1;
    std::size_t columns = 0;

    Scale(std::size_t all, std::size_t room) : steps(all) {
        in_column = std::max<std::size_t>(1, (steps + room - 1) / room);
        columns = (steps + in_column - 1) / in_column;
    }
    [[nodiscard]] std::size_t end(std::size_t column) const {
        return steps - (columns - 1 - column) * in_column;
    }
    [[nodiscard]] std::size_t begin(std::size_t column) const {
        return end(column) > in_column ? end(column) - in_column : 0;
    }
    [[nodiscard]] std::size_t column_of(std::size_t step) const {
        return columns - 1 - (steps - 1 - step) / in_column;
    }
};

std::optional<Shade> shade_of(State state) {
    switch (state) {
        case State::unknown:
            return std::nullopt;
        case State::up:
            return Shade::good;
        case State::down:
            return Shade::bad;
        case State::part:
            return Shade::half;
    }
    return std::nullopt;
}

/// A strip without the blanks at its end; of one state a run has one colour.
class Strip {
 public:
    explicit Strip(bool coloured) : coloured_(coloured) {}

    void add(std::string_view character, std::optional<Shade> shade) {
        if (shade != shade_) {
            flush();
            shade_ = shade;
        }
        run_ += character;
    }
    std::string take() {
        if (!shade_) {
            run_.erase(run_.find_last_not_of(' ') + 1);
        }
        flush();
        return std::move(text_);
    }

 private:
    void flush() {
        text_ += coloured_ && shade_ ? painted(run_, *shade_) : run_;
        run_.clear();
    }

    bool coloured_;
    std::optional<Shade> shade_;
    std::string run_;
    std::string text_;
};

std::string line(std::string_view label, std::string_view strip) {
    std::string text = fmt::format("  {:<{}}{}", label, label_columns - 2, strip);
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
}

Mark column_of(const Connection& connection, const Scale& scale, std::size_t row, std::size_t column) {
    Mark mark;
    for (std::size_t i = scale.begin(column); i < scale.end(column); ++i) {
        const Mark& step = connection.steps[i].marks[row];
        mark = {both(mark.state, step.state), mark.tick || step.tick};
    }
    return mark;
}

std::optional<std::uint32_t> median(std::vector<std::uint32_t> values) {
    if (values.empty()) {
        return std::nullopt;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::vector<std::uint32_t> measured(const Connection& connection, std::size_t begin, std::size_t end) {
    std::vector<std::uint32_t> values;
    for (std::size_t i = begin; i < end; ++i) {
        if (connection.steps[i].round_trip_us) {
            values.push_back(*connection.steps[i].round_trip_us);
        }
    }
    return values;
}

std::string milliseconds(std::uint32_t microseconds) {
    return microseconds < 10'000 ? fmt::format("{:.1f} ms", microseconds / 1000.0)
                                 : fmt::format("{} ms", (microseconds + 500) / 1000);
}

void round_trip_lines(std::string& text, const Connection& connection, const Scale& scale,
                      const Characters& with) {
    const auto all = measured(connection, 0, scale.steps);
    if (all.empty()) {
        return;
    }
    const auto [least, most] = std::ranges::minmax(all);
    Strip strip(false);
    for (std::size_t column = 0; column < scale.columns; ++column) {
        const auto middle = median(measured(connection, scale.begin(column), scale.end(column)));
        const std::size_t height =
            middle ? (std::uint64_t{*middle} * with.heights.size() + most - 1) / most : 0;
        strip.add(height == 0 ? " " : with.heights.at(std::min(height, with.heights.size()) - 1),
                  std::nullopt);
    }
    text += line("round trip", strip.take());
    text += line("", least == most
                         ? milliseconds(most)
                         : fmt::format("{} to {}, median {}; full height is {}", milliseconds(least),
                                       milliseconds(most), milliseconds(*median(all)), milliseconds(most)));
}

/// "14:05"; nothing where the system cannot say.
std::string clock(std::int64_t seconds) {
    const std::string time = local_time(seconds);
    return time.size() == 19 ? time.substr(11, 5) : "";
}

void time_lines(std::string& text, const History& history, const Scale& scale, const Characters& with) {
    std::vector<bool> started(scale.columns, false);
    for (const std::int64_t start : history.starts) {
        const std::int64_t step = (start - history.first) / history::step_seconds;
        if (start >= history.first && step < static_cast<std::int64_t>(scale.steps)) {
            started[scale.column_of(static_cast<std::size_t>(step))] = true;
        }
    }
    if (std::ranges::find(started, true) != started.end()) {
        Strip strip(false);
        for (const bool one : started) {
            strip.add(one ? with.start : " ", std::nullopt);
        }
        text += line("causewayd", strip.take());
    }
    std::string times;
    for (std::size_t column = 0; column + 5 <= scale.columns; column += clock_columns) {
        times.resize(column, ' ');
        times +=
            clock(history.first + static_cast<std::int64_t>(scale.begin(column)) * history::step_seconds);
    }
    text += line("", times);
}

/// A word that is longer than a line would not be broken.
std::string breakable(const std::string& text, std::size_t longest) {
    std::string broken;
    std::size_t length = 0;
    for (const char c : text) {
        length = c == ' ' ? 0 : length + 1;
        if (length > longest) {
            broken += ' ';
            length = 1;
        }
        broken += c;
    }
    return broken;
}

void why_lines(std::string& text, const Connection& connection, std::size_t columns) {
    const std::size_t count = std::min(connection.whys.size(), whys_shown);
    for (std::size_t i = connection.whys.size() - count; i < connection.whys.size(); ++i) {
        const history::Why& why = connection.whys[i];
        const std::string often =
            why.times > 1 ? fmt::format(" ({} times since {})", why.times, local_time(why.since)) : "";
        text += wrapped(fmt::format("  {}  {}{}\n", local_time(why.last),
                                    breakable(printable(why.message, 512), columns / 2), often),
                        columns);
    }
}

void connection_lines(std::string& text, const History& history, const Connection& connection,
                      const HistoryStyle& style) {
    const Characters& with = style.utf8 ? blocks : ascii;
    const std::size_t room = std::clamp(style.columns > label_columns ? style.columns - label_columns : 0,
                                        strip_columns_min, strip_columns_max);
    const Scale scale(connection.steps.size(), room);
    const std::string& name = connection.display_name.empty() ? connection.name : connection.display_name;
    text += wrapped(
        fmt::format(
            "{}{}: {} to {}, a column is {}\n", printable(name, style.columns / 2),
            connection.gateway.empty()
                ? ""
                : fmt::format(" ({})", breakable(printable(connection.gateway, 256), style.columns / 2)),
            counted(scale.steps / history::steps_of_an_hour, "hour"), local_time(history.now),
            counted(scale.in_column * history::step_seconds / 60, "minute")),
        style.columns);
    for (std::size_t row = 0; row < labels.size(); ++row) {
        Strip strip(style.colour);
        for (std::size_t column = 0; column < scale.columns; ++column) {
            const Mark mark = column_of(connection, scale, row, column);
            strip.add(mark.tick ? with.tick : with.states.at(static_cast<std::size_t>(mark.state)),
                      shade_of(mark.state));
        }
        text += line(labels[row], strip.take());
    }
    round_trip_lines(text, connection, scale, with);
    time_lines(text, history, scale, with);
    why_lines(text, connection, style.columns);
}

}  // namespace

std::string history_text(const History& history, const HistoryStyle& style) {
    std::string text;
    for (const Connection& connection : history.connections) {
        connection_lines(text, history, connection, style);
        text += '\n';
    }
    if (history.connections.empty()) {
        return "no connection has a history\n";
    }
    const Characters& with = style.utf8 ? blocks : ascii;
    return text +
           wrapped(
               fmt::format("{} up, {} partly, {} down, blank: not known; {} another address, an SA made or "
                           "renewed, the far end started anew; {} causewayd started\n",
                           with.states[1], with.states[3], with.states[2], with.tick, with.start),
               style.columns);
}

}  // namespace causeway::cli
