#include "cli/report_plots.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "cli/html.hpp"

namespace causeway::cli {
namespace {

using history::Connection;
using history::Mark;
using history::Row;
using history::State;

constexpr double width = 288;
constexpr int strip_height = 14;
constexpr int line_height = 44;
constexpr int bar_height = 8;
/// Of a strip; a day of five minutes makes three steps a column.
constexpr std::size_t columns = 96;

std::string drawing(int height, const std::string& label, const std::string& inside) {
    return fmt::format(
        "<svg viewBox=\"0 0 {} {}\" height=\"{}\" preserveAspectRatio=\"none\" role=\"img\" "
        "aria-label=\"{}\">{}</svg>\n",
        width, height, height, html(label), inside);
}

struct Column {
    State state = State::unknown;
    bool tick = false;
};

std::vector<Column> columns_of(const Connection& connection, Row row) {
    const std::size_t wide = std::max<std::size_t>(1, (connection.steps.size() + columns - 1) / columns);
    std::vector<Column> made((connection.steps.size() + wide - 1) / wide);
    for (std::size_t i = 0; i < connection.steps.size(); ++i) {
        const Mark& mark = connection.steps[i].marks.at(static_cast<std::size_t>(row));
        Column& column = made[i / wide];
        column = {both(column.state, mark.state), column.tick || mark.tick};
    }
    return made;
}

/// One path for all columns of the state; neighbours are one box.
std::string boxes(const std::vector<Column>& made, State state, int top, int height, const char* kind) {
    const double dx = width / static_cast<double>(std::max<std::size_t>(1, made.size()));
    std::string path;
    for (std::size_t i = 0; i < made.size();) {
        std::size_t end = i;
        while (end < made.size() && made[end].state == state) {
            ++end;
        }
        if (end > i) {
            const double from = static_cast<double>(i) * dx;
            path += fmt::format("M{:.1f} {}h{:.1f}v{}H{:.1f}z", from, top, static_cast<double>(end - i) * dx,
                                height, from);
        }
        i = std::max(end, i + 1);
    }
    return path.empty() ? "" : fmt::format("<path class=\"{}\" d=\"{}\"/>", kind, path);
}

}  // namespace

std::string strip_svg(const Connection& connection, Row row, const std::string& label) {
    const auto made = columns_of(connection, row);
    std::string inside = boxes(made, State::up, 2, 12, "u") + boxes(made, State::down, 10, 4, "d") +
                         boxes(made, State::part, 6, 8, "p");
    std::string ticks;
    const double dx = width / static_cast<double>(std::max<std::size_t>(1, made.size()));
    for (std::size_t i = 0; i < made.size(); ++i) {
        if (made[i].tick) {
            ticks += fmt::format("M{:.1f} 0v5", (static_cast<double>(i) + 0.5) * dx);
        }
    }
    if (!ticks.empty()) {
        inside += fmt::format("<path class=\"tick\" d=\"{}\"/>", ticks);
    }
    return drawing(strip_height, label, inside);
}

std::string round_trip_svg(const Connection& connection, const std::string& label) {
    const auto& steps = connection.steps;
    std::uint32_t most = 1;
    for (const auto& step : steps) {
        most = std::max(most, step.round_trip_us.value_or(0));
    }
    const double dx = steps.size() > 1 ? width / static_cast<double>(steps.size() - 1) : 0;
    std::string path;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!steps[i].round_trip_us) {
            continue;
        }
        const double x = static_cast<double>(i) * dx;
        const double y = line_height - static_cast<double>(*steps[i].round_trip_us) * line_height / most;
        const bool goes_on = i > 0 && steps[i - 1].round_trip_us;
        path += fmt::format("{}{:.1f} {:.1f}", goes_on ? 'L' : 'M', x, y);
        if (!goes_on && (i + 1 == steps.size() || !steps[i + 1].round_trip_us)) {
            path += fmt::format("L{:.1f} {:.1f}", x, y);  // between gaps: a dot
        }
    }
    return drawing(line_height, label,
                   fmt::format("<path class=\"line\" vector-effect=\"non-scaling-stroke\" d=\"{}\"/>", path));
}

std::string bar_svg(std::uint64_t value, std::uint64_t most, const char* kind, const std::string& label) {
    const double share = most == 0 ? 0 : static_cast<double>(value) / static_cast<double>(most);
    return drawing(
        bar_height, label,
        fmt::format("<path class=\"{}\" d=\"M0 0h{:.1f}v{}H0z\"/>", kind, share * width, bar_height));
}

int up_share(const Connection& connection, Row row) {
    std::size_t up = 0;
    std::size_t watched = 0;
    for (const auto& step : connection.steps) {
        const State state = step.marks.at(static_cast<std::size_t>(row)).state;
        watched += state == State::unknown ? 0 : 2;
        up += state == State::up ? 2 : state == State::part ? 1 : 0;
    }
    return watched == 0 ? -1 : static_cast<int>((200 * up + watched) / (2 * watched));
}

}  // namespace causeway::cli
